/** The texts of the webhooks page. */
import type { Message } from './message.ts';

export const WEBHOOK_MESSAGES = {
  'webhooks.title': { en: 'Webhooks', ko: '웹훅' },
  'webhooks.about': {
    en: 'Servers of yours that are told by HTTP what becomes of this project’s jobs.',
    ko: '이 프로젝트의 작업이 어떻게 되었는지 HTTP로 알릴 서버입니다.',
  },
  'webhooks.loading': { en: 'Loading webhooks', ko: '웹훅을 불러오는 중' },
  'webhooks.failed': {
    en: 'The webhooks could not be loaded: {reason}',
    ko: '웹훅을 불러오지 못했습니다: {reason}',
  },
  'webhooks.empty': { en: 'No webhooks yet', ko: '아직 웹훅이 없습니다' },
  'webhooks.adminOnly': {
    en: 'Webhooks need a key or token with the scope “admin”.',
    ko: '웹훅에는 “admin” 권한이 있는 키나 토큰이 필요합니다.',
  },

  'webhooks.add': { en: 'New webhook', ko: '새 웹훅' },
  'webhooks.url': { en: 'Address', ko: '주소' },
  'webhooks.urlHint': {
    en: 'An https:// address that can be reached from the internet',
    ko: '인터넷에서 접근할 수 있는 https:// 주소',
  },
  'webhooks.events': { en: 'Tells when a job…', ko: '알릴 시점' },
  'webhooks.noEvent': { en: 'Choose at least one', ko: '하나 이상 선택하세요' },
  'webhooks.create': { en: 'Create', ko: '만들기' },
  'webhooks.event.COMPLETED': { en: 'is done', ko: '완료' },
  'webhooks.event.FAILED': { en: 'has failed', ko: '실패' },
  'webhooks.event.CANCELLED': { en: 'was cancelled', ko: '취소' },
  'webhooks.event.RETRYING': { en: 'is retrying', ko: '재시도' },
  'webhooks.event.STARTED': { en: 'has started', ko: '시작' },

  'webhooks.secret': { en: 'The secret of the webhook', ko: '웹훅 비밀 키' },
  'webhooks.secretText': {
    en: 'Messages to {url} are signed with it. It is shown this once: keep it where your server can read it.',
    ko: '{url}(으)로 보내는 메시지에 서명하는 키입니다. 지금 한 번만 표시되니 서버가 읽을 수 있는 곳에 보관하세요.',
  },
  'webhooks.secretCopy': { en: 'Copy the secret', ko: '비밀 키 복사' },
  'webhooks.secretKept': { en: 'I have kept it', ko: '보관했습니다' },

  'webhooks.on': { en: 'On', ko: '사용 중' },
  'webhooks.disabled': { en: 'Disabled', ko: '중지됨' },
  'webhooks.disabledHint': {
    en: 'Nothing is sent. Jobs are still noted: once enabled, it goes on where it stopped.',
    ko: '전송이 멈췄습니다. 다시 사용하면 멈춘 곳부터 이어서 보냅니다.',
  },
  'webhooks.enable': { en: 'Enable', ko: '다시 사용' },
  'webhooks.rotate': { en: 'New secret', ko: '비밀 키 교체' },
  'webhooks.rotateTitle': { en: 'Replace the secret?', ko: '비밀 키를 교체할까요?' },
  'webhooks.rotateText': {
    en: 'For 24 hours messages are signed with both, so that the receiver may have either.',
    ko: '24시간 동안은 두 키로 함께 서명하므로 받는 쪽은 둘 중 어느 것이든 쓸 수 있습니다.',
  },
  'webhooks.delete': { en: 'Delete', ko: '삭제' },
  'webhooks.deleteTitle': { en: 'Delete this webhook?', ko: '이 웹훅을 삭제할까요?' },
  'webhooks.deleteText': {
    en: '{url} is told nothing more, not even what waits to be sent.',
    ko: '대기 중인 메시지를 포함해 {url}(으)로 더 이상 아무것도 보내지 않습니다.',
  },
  'webhooks.keep': { en: 'Keep it', ko: '그대로 두기' },

  'webhooks.deliveries': { en: 'Newest messages', ko: '최근 메시지' },
  'webhooks.none': { en: 'It was not told of anything yet.', ko: '아직 보낸 메시지가 없습니다.' },
  'webhooks.more': { en: 'Show all {count}', ko: '{count}개 모두 보기' },
  'webhooks.status.pending': { en: 'Waiting', ko: '대기' },
  'webhooks.status.again': { en: 'Trying again', ko: '재시도' },
  'webhooks.status.delivered': { en: 'Delivered', ko: '전송됨' },
  'webhooks.status.failed': { en: 'Given up', ko: '포기함' },
  'webhooks.tells': { en: 'Job {job} {event}', ko: '작업 {job} {event}' },
  'webhooks.attempts': { en: 'Tries: {count}', ko: '시도 {count}회' },
  'webhooks.answered': { en: 'answered {code}', ko: '응답 {code}' },
  'webhooks.nextIn': { en: 'next try in {time}', ko: '{time} 후 재시도' },
  'webhooks.nextNow': { en: 'next try now', ko: '곧 재시도' },
  'webhooks.redeliver': { en: 'Send again', ko: '다시 보내기' },
} as const satisfies Readonly<Record<string, Message>>;
