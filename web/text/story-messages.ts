/** The texts about what has happened to a job. */
export const STORY_MESSAGES = {
  'log.title': { en: 'Event log', ko: '이벤트 기록' },
  'log.trimmed': {
    en: 'Earlier events are no longer kept.',
    ko: '이전 이벤트는 더 이상 보관되지 않습니다.',
  },
  'log.willRetry': { en: 'will retry', ko: '재시도 예정' },
  'log.completed': { en: 'Completed', ko: '완료됨' },

  'timeline.title': { en: 'Timeline', ko: '타임라인' },
  'timeline.attempt': { en: 'Attempt {attempt}', ko: '{attempt}번째 시도' },
  'timeline.on': { en: 'on {worker}', ko: '작업자 {worker}' },
  'timeline.queue': { en: 'In the queue', ko: '대기열' },
  'timeline.retry': { en: 'Until the next attempt', ko: '다음 시도까지' },
  'timeline.lost': { en: 'worker lost', ko: '작업자 중단' },
  'timeline.lines': { en: 'lines', ko: '줄' },
  'timeline.RUNNING': { en: 'running', ko: '진행 중' },
  'timeline.COMPLETED': { en: 'finished', ko: '완료' },
  'timeline.FAILED': { en: 'failed', ko: '실패' },
  'timeline.CANCELLED': { en: 'cancelled', ko: '취소됨' },
  'timeline.KEPT': { en: 'done earlier', ko: '이미 완료' },
} as const;
