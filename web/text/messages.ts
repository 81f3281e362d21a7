/** Every text of the dashboard, in every language. `{name}` is filled in. */
import type { Language } from '../state/settings.ts';
import { VIEW_MESSAGES } from '../views/messages.ts';
import type { Message } from './message.ts';
import { STORY_MESSAGES } from './story-messages.ts';
import { WEBHOOK_MESSAGES } from './webhook-messages.ts';

/** The texts of the page itself; those of the registered views are kept with the views. */
const PAGE_MESSAGES = {
  'app.skip': { en: 'Skip to the jobs', ko: '작업 목록으로 건너뛰기' },
  'app.home': { en: 'Playhead, list of jobs', ko: 'Playhead, 작업 목록' },
  'app.new': { en: 'New job', ko: '새 작업' },
  'app.language': { en: '한국어로 바꾸기', ko: 'Switch to English' },
  'app.theme': { en: 'Theme: {theme}', ko: '테마: {theme}' },
  'theme.auto': { en: 'system', ko: '시스템 설정' },
  'theme.light': { en: 'light', ko: '밝게' },
  'theme.dark': { en: 'dark', ko: '어둡게' },

  'app.menu': { en: 'Menu', ko: '메뉴' },

  'session.title': { en: 'Sign in', ko: '로그인' },
  'session.hint': {
    en: 'This server requires an API key or a token.',
    ko: '이 서버는 API 키 또는 토큰이 필요합니다.',
  },
  'session.token': { en: 'API key or token', ko: 'API 키 또는 토큰' },
  'session.keep': { en: 'Keep me signed in on this device', ko: '이 기기에서 로그인 유지' },
  'session.keepHint': {
    en: 'Otherwise you are signed out when this tab is closed.',
    ko: '선택하지 않으면 이 탭을 닫을 때까지 유지됩니다.',
  },
  'session.signIn': { en: 'Sign in', ko: '로그인' },
  'session.checking': { en: 'Checking', ko: '확인하는 중' },
  'session.signOut': { en: 'Sign out', ko: '로그아웃' },
  'session.another': { en: 'Use another token', ko: '다른 토큰 사용' },
  'session.where': { en: 'Where do I get one?', ko: '어디에서 받나요?' },
  'session.whereKey': {
    en: 'Whoever runs the server can create an API key there:',
    ko: '서버 운영자가 서버에서 API 키를 만듭니다:',
  },
  'session.whereToken': {
    en: 'A token from your own login, or one that your product made for this browser, works too.',
    ko: '사내 로그인 토큰이나 제품이 이 브라우저용으로 만든 토큰도 쓸 수 있습니다.',
  },
  'session.empty': { en: 'Paste a key or token here', ko: '키 또는 토큰을 붙여 넣으세요' },
  'session.form': {
    en: 'A key or token consists of plain letters, digits and signs, without spaces',
    ko: '키나 토큰은 공백 없는 영문자, 숫자, 기호로만 되어 있습니다',
  },
  'session.notTaken': {
    en: 'The server does not accept it: it may be mistyped, expired, revoked, or for another server. It says: {message}.',
    ko: '서버가 받지 않습니다. 잘못 입력했거나, 만료·폐기되었거나, 다른 서버의 것입니다. 서버 응답: {message}.',
  },
  'session.later': {
    en: 'The server cannot check it right now. Try again in a moment.',
    ko: '서버가 지금은 확인할 수 없습니다. 잠시 후 다시 시도하세요.',
  },
  'session.ended': {
    en: 'This token expired at {time}. Get a new one.',
    ko: '이 토큰은 {time}에 만료되었습니다. 새 토큰을 받으세요.',
  },
  'session.revoked': {
    en: 'Your token is no longer valid: it was revoked.',
    ko: '토큰이 폐기되어 더 이상 쓸 수 없습니다.',
  },
  'session.refused': {
    en: 'The token kept in this browser is no longer valid: it has expired or was revoked.',
    ko: '이 브라우저에 보관된 토큰이 만료되었거나 폐기되었습니다.',
  },
  'session.goesOn': {
    en: 'Sign in again, and the page continues where it was.',
    ko: '다시 로그인하면 보던 페이지가 그대로 이어집니다.',
  },
  'session.account': { en: 'Signed in', ko: '로그인됨' },
  'session.projects': { en: 'Projects', ko: '프로젝트' },
  'session.allProjects': { en: 'all', ko: '전체' },
  'session.scope': { en: 'Permissions', ko: '권한' },
  'session.scope.REPORT': { en: 'report tasks', ko: '작업 보고' },
  'session.scope.READ': { en: 'watch', ko: '보기' },
  'session.scope.WRITE': { en: 'watch, start, cancel and retry', ko: '보기, 시작, 취소, 다시 시도' },
  'session.scope.ADMIN': { en: 'everything', ko: '전부' },
  'session.until': { en: 'Expires', ko: '만료' },
  'session.noEnd': { en: 'never', ko: '없음' },
  'session.endsIn': { en: 'expires in {time}', ko: '{time} 후 만료' },
  'session.readOnly': { en: 'Read only', ko: '읽기 전용' },
  'session.readOnlyHint': {
    en: 'Your token is read-only: it cannot start, cancel or retry jobs.',
    ko: '읽기 전용 토큰이라 시작, 취소, 다시 시도를 할 수 없습니다.',
  },

  'foreign.title': {
    en: 'Your token has no access to the project {project}',
    ko: '이 토큰으로는 {project} 프로젝트를 열 수 없습니다',
  },
  'foreign.own': { en: 'It gives access to:', ko: '열 수 있는 프로젝트:' },

  'broken.title': { en: 'Something on this page broke', ko: '페이지에 문제가 생겼습니다' },
  'broken.hint': {
    en: 'Your jobs continue. Reload the page to see them.',
    ko: '작업은 계속 진행됩니다. 페이지를 다시 불러오세요.',
  },
  'broken.reload': { en: 'Reload', ko: '다시 불러오기' },

  'project.switch': { en: 'Switch project, currently {project}', ko: '프로젝트 전환, 현재 {project}' },
  'project.name': { en: 'Open a project', ko: '프로젝트 열기' },
  'project.open': { en: 'Open', ko: '열기' },
  'project.recent': { en: 'Recent', ko: '최근' },
  'project.invalid': {
    en: '1 to 64 letters, digits, _ or -',
    ko: '영문자, 숫자, _, - 로 1~64자',
  },
  'project.wrong': {
    en: '“{name}” cannot be a project',
    ko: '“{name}”은(는) 프로젝트 이름이 될 수 없습니다',
  },
  'project.instead': { en: 'Go to {project}', ko: '{project}(으)로 이동' },

  'connection.connecting': { en: 'Connecting', ko: '연결 중' },
  'connection.catching up': { en: 'Catching up', ko: '따라잡는 중' },
  'connection.live': { en: 'Live', ko: '실시간' },
  'connection.unavailable': { en: 'Server waits', ko: '서버 대기 중' },
  'connection.unavailableLong': {
    en: 'The server cannot reach its Redis. Jobs go on; what is shown may be old.',
    ko: '서버가 Redis에 연결할 수 없습니다. 작업은 계속되지만 표시된 내용이 오래되었을 수 있습니다.',
  },
  'connection.reconnecting': { en: 'Reconnecting in {seconds} s', ko: '{seconds}초 후 다시 연결' },
  'connection.reconnectingNow': { en: 'Reconnecting', ko: '다시 연결 중' },
  'connection.offline': { en: 'Offline · {seconds} s', ko: '끊김 · {seconds}초' },
  'connection.now': { en: 'Now', ko: '지금' },
  'connection.retry': { en: 'Reconnect now', ko: '지금 다시 연결' },
  'connection.lost': { en: 'The connection was lost.', ko: '연결이 끊어졌습니다.' },
  'connection.back': { en: 'The connection is back.', ko: '다시 연결되었습니다.' },

  'filter.status': { en: 'Filter by status', ko: '상태로 거르기' },
  'filter.workflow': { en: 'Filter by kind', ko: '종류로 거르기' },
  'filter.clear': { en: 'Clear filters', ko: '필터 지우기' },

  'status.QUEUED': { en: 'Queued', ko: '대기' },
  'status.RUNNING': { en: 'Running', ko: '진행 중' },
  'status.RETRYING': { en: 'Retrying', ko: '재시도' },
  'status.COMPLETED': { en: 'Done', ko: '완료' },
  'status.FAILED': { en: 'Failed', ko: '실패' },
  'status.CANCELLED': { en: 'Cancelled', ko: '취소됨' },

  'list.title': { en: 'Jobs', ko: '작업' },
  'list.empty': { en: 'Nothing here yet', ko: '아직 작업이 없습니다' },
  'list.emptyHint': {
    en: 'Write a few lines of dialogue and watch them become a film.',
    ko: '대사 몇 줄을 적으면 영상이 만들어지는 과정을 볼 수 있습니다.',
  },
  'list.noMatch': { en: 'No job matches these filters', ko: '필터에 맞는 작업이 없습니다' },
  'list.loading': { en: 'Loading jobs', ko: '작업을 불러오는 중' },
  'list.failed': { en: 'The jobs could not be loaded: {reason}', ko: '작업을 불러오지 못했습니다: {reason}' },
  'list.again': { en: 'Try again', ko: '다시 시도' },
  'list.unreadable': {
    en: 'Job {id} cannot be shown: its stored record cannot be read ({code}: {reason}).',
    ko: '작업 {id}: 저장된 내용을 읽을 수 없어 표시할 수 없습니다 ({code}: {reason}).',
  },
  'list.moreUnreadable': {
    en: 'And {count} more like these.',
    ko: '이런 작업이 {count}개 더 있습니다.',
  },
  'list.search': { en: 'Search jobs', ko: '작업 검색' },
  'list.searchHint': { en: 'Title, id, error or input', ko: '제목, ID, 오류, 입력' },
  'list.table': { en: 'Show as a table', ko: '표로 보기' },
  'list.choose': { en: 'Choose {job}', ko: '{job} 선택' },
  'list.chooseAll': { en: 'Choose all that are listed', ko: '목록 전체 선택' },
  'table.job': { en: 'Job', ko: '작업' },
  'table.kind': { en: 'Kind', ko: '종류' },
  'table.status': { en: 'Status', ko: '상태' },
  'table.done': { en: 'Progress', ko: '진행률' },
  'table.time': { en: 'Time', ko: '시간' },
  'time.title': { en: 'Filter by time of creation', ko: '생성 시각으로 거르기' },
  'time.any': { en: 'Any time', ko: '전체 기간' },
  'time.1h': { en: 'Last hour', ko: '최근 1시간' },
  'time.24h': { en: 'Last 24 hours', ko: '최근 24시간' },
  'time.7d': { en: 'Last 7 days', ko: '최근 7일' },
  'time.between': { en: 'Between…', ko: '직접 지정…' },
  'time.from': { en: 'From', ko: '부터' },
  'time.to': { en: 'To', ko: '까지' },
  'bulk.title': { en: 'The chosen jobs', ko: '선택한 작업' },
  'bulk.chosen': { en: '{count} chosen', ko: '{count}개 선택' },
  'bulk.cancel': { en: 'Cancel ({count})', ko: '취소 ({count})' },
  'bulk.retry': { en: 'Retry ({count})', ko: '다시 시도 ({count})' },
  'bulk.delete': { en: 'Delete ({count})', ko: '삭제 ({count})' },
  'bulk.clear': { en: 'Choose none', ko: '선택 해제' },
  'bulk.done': { en: '{done} of {total} done.', ko: '{total}개 중 {done}개 완료.' },
  'bulk.cancelTitle': { en: 'Cancel jobs: {count}', ko: '작업 {count}개를 취소할까요?' },
  'bulk.deleteTitle': { en: 'Delete jobs: {count}', ko: '작업 {count}개를 삭제할까요?' },
  'bulk.deleteText': {
    en: 'The jobs, their results and their files are gone for good.',
    ko: '작업과 결과, 파일이 완전히 지워집니다.',
  },
  'bulk.keep': { en: 'Keep them', ko: '그대로 두기' },
  'list.end': { en: 'That is all', ko: '여기까지입니다' },

  'statistics.title': { en: 'Durations and throughput', ko: '소요 시간과 처리량' },
  'statistics.about': {
    en: 'The most recent runs of each kind in this project that succeeded at the first attempt, at most {most} of each.',
    ko: '이 프로젝트에서 첫 시도에 성공한 최근 실행입니다. 종류별 최대 {most}개.',
  },
  'statistics.empty': { en: 'No completed runs yet', ko: '아직 끝난 실행이 없습니다' },
  'statistics.emptyHint': {
    en: 'After the first one, this page shows how long each step takes.',
    ko: '첫 실행이 끝나면 단계별 소요 시간이 표시됩니다.',
  },
  'statistics.loading': { en: 'Loading recent runs', ko: '최근 실행을 불러오는 중' },
  'statistics.failed': {
    en: 'The runs could not be loaded: {reason}',
    ko: '실행을 불러오지 못했습니다: {reason}',
  },
  'statistics.steps': { en: 'Steps of {workflow}', ko: '{workflow} 단계' },
  'statistics.step': { en: 'Step', ko: '단계' },
  'statistics.whole': { en: 'Whole run', ko: '전체' },
  'statistics.wait': { en: 'Time in the queue', ko: '대기열 대기' },
  'statistics.median': { en: 'Median', ko: '중앙값' },
  'statistics.spread': { en: '8 of 10 runs', ko: '10회 중 8회' },
  'statistics.runs': { en: 'Runs', ko: '실행' },
  'statistics.hour': { en: 'Done in the last hour', ko: '최근 1시간 완료' },
  'statistics.day': { en: 'Done in 24 hours', ko: '최근 24시간 완료' },
  'statistics.atLeast': { en: '{count} or more', ko: '{count} 이상' },

  'job.progress': { en: 'Progress of {job}', ko: '{job} 진행률' },
  'job.left': { en: 'about {time} left', ko: '약 {time} 남음' },
  'job.soon': { en: 'almost done', ko: '거의 완료' },
  'job.noEta': { en: 'no estimate yet', ko: '예측 준비 중' },
  'job.place': { en: '{place} in the queue', ko: '대기열 {place}' },
  'job.startsIn': { en: 'starts in about {time}', ko: '약 {time} 후 시작' },
  'job.startsSoon': { en: 'about to start', ko: '곧 시작' },
  'job.queue': { en: 'Queue', ko: '대기열' },
  'job.attempt': { en: 'Attempt {attempt} of {most}', ko: '{most}회 중 {attempt}번째 시도' },
  'job.elapsed': { en: 'Elapsed', ko: '경과' },
  'job.remaining': { en: 'Remaining', ko: '남은 시간' },
  'job.attemptLabel': { en: 'Attempt', ko: '시도' },
  'job.created': { en: 'Created', ko: '생성' },
  'job.step': { en: 'Step', ko: '단계' },
  'job.message.QUEUED': { en: 'Waiting for a worker', ko: '작업자를 기다리는 중' },
  'job.back': { en: 'All jobs', ko: '모든 작업' },
  'job.parent': { en: 'Part of a batch', ko: '묶음의 일부' },
  'job.notFound': { en: 'There is no such job in this project', ko: '이 프로젝트에 그런 작업이 없습니다' },
  'job.notFoundHint': {
    en: 'It may have been removed some time after it ended, or it may belong to another project.',
    ko: '완료 후 보관 기간이 지났거나 다른 프로젝트의 작업일 수 있습니다.',
  },
  'job.unreadable': { en: 'This job cannot be shown', ko: '이 작업을 표시할 수 없습니다' },
  'job.copyId': { en: 'Copy the id of the job', ko: '작업 ID 복사' },
  'job.copied': { en: 'Copied', ko: '복사됨' },
  'input.title': { en: 'Input', ko: '입력' },
  'input.copy': { en: 'Copy the whole input as JSON', ko: '입력 전체를 JSON으로 복사' },
  'input.copyField': { en: 'Copy: {field}', ko: '복사: {field}' },
  'input.more': {
    en: 'And {count} more, each on the page of its item.',
    ko: '나머지 {count}개는 각 항목의 페이지에 있습니다.',
  },
  'input.truncated': { en: 'It is too long to be shown.', ko: '너무 길어 표시할 수 없습니다.' },
  'again.action': { en: 'Run again', ko: '다시 실행' },
  'job.preview': { en: 'What is being made', ko: '만드는 중인 결과 미리보기' },
  'job.warnings': { en: 'Warnings', ko: '경고' },

  'cancel.action': { en: 'Cancel', ko: '취소' },
  'cancel.title': { en: 'Cancel this job?', ko: '이 작업을 취소할까요?' },
  'cancel.text': {
    en: 'Its tools are stopped at once. Finished steps are kept, so you can retry the job from there later.',
    ko: '실행 중인 도구가 즉시 멈춥니다. 끝난 단계는 보관되며 나중에 그 지점부터 다시 시도할 수 있습니다.',
  },
  'cancel.confirm': { en: 'Cancel the job', ko: '작업 취소' },
  'cancel.keep': { en: 'Keep it running', ko: '계속 진행' },
  'retry.action': { en: 'Retry', ko: '다시 시도' },

  'share.action': { en: 'Share', ko: '공유' },
  'share.title': { en: 'Share this job', ko: '이 작업 공유' },
  'share.text': {
    en: 'Whoever has the link sees this job as it goes on, with its files, and nothing else. The link ends with its time, or with the key or token that you are signed in with.',
    ko: '링크가 있는 사람은 이 작업의 진행 상황과 파일만 볼 수 있습니다. 링크는 기간이 지나거나 지금 로그인한 키 또는 토큰이 끝나면 함께 끝납니다.',
  },
  'share.textBatch': {
    en: 'Whoever has the link sees how this batch goes on, but not its items; share those one by one. The link ends with its time, or with the key or token that you are signed in with.',
    ko: '링크가 있는 사람은 이 묶음의 진행 상황만 볼 수 있고 항목은 볼 수 없습니다. 항목은 하나씩 공유하세요. 링크는 기간이 지나거나 지금 로그인한 키 또는 토큰이 끝나면 함께 끝납니다.',
  },
  'share.lifetime': { en: 'The link works for', ko: '링크 유효 기간' },
  'share.hour': { en: 'an hour', ko: '1시간' },
  'share.day': { en: 'a day', ko: '하루' },
  'share.week': { en: 'a week', ko: '일주일' },
  'share.month': { en: '30 days', ko: '30일' },
  'share.make': { en: 'Make the link', ko: '링크 만들기' },
  'share.link': { en: 'Link', ko: '링크' },
  'share.copy': { en: 'Copy the link', ko: '링크 복사' },
  'share.until': { en: 'Link expires:', ko: '링크 만료:' },
  'share.close': { en: 'Close', ko: '닫기' },
  'share.over': { en: 'This link no longer works', ko: '더 이상 쓸 수 없는 링크입니다' },
  'share.overHint': {
    en: 'It may be incomplete, expired or revoked. Ask whoever sent it for another one.',
    ko: '링크가 잘렸거나 만료 또는 폐기되었을 수 있습니다. 보낸 사람에게 새 링크를 요청하세요.',
  },
  'share.overSince': {
    en: 'It expired at {time}. Ask whoever sent it for another one.',
    ko: '{time}에 만료되었습니다. 보낸 사람에게 새 링크를 요청하세요.',
  },

  'steps.title': { en: 'Steps', ko: '단계' },
  'steps.PENDING': { en: 'pending', ko: '대기' },
  'steps.RUNNING': { en: 'running', ko: '진행 중' },
  'steps.COMPLETED': { en: 'finished', ko: '완료' },
  'steps.FAILED': { en: 'failed', ko: '실패' },
  'steps.share': { en: '{share} of the total', ko: '전체의 {share}' },

  'batch.of': { en: '{workflow} batch', ko: '{workflow} 묶음' },
  'batch.items': { en: 'Items', ko: '항목' },
  'batch.item': { en: 'Item {number}', ko: '항목 {number}' },
  'batch.done': { en: '{done} of {total} done', ko: '{total}개 중 {done}개 완료' },
  'batch.failed': { en: '{failed} failed', ko: '{failed}개 실패' },
  'batch.cancelled': { en: '{cancelled} cancelled', ko: '{cancelled}개 취소' },

  'result.subtitles': { en: 'Subtitles', ko: '자막' },
  'result.lines': { en: 'Lines', ko: '대사' },
  'result.yes': { en: 'Yes', ko: '예' },
  'result.no': { en: 'No', ko: '아니요' },
  'result.files': { en: 'Files: {count}', ko: '파일 {count}개' },
  'result.failed': { en: '{name} could not be loaded', ko: '{name}을(를) 불러오지 못했습니다' },
  'result.title': { en: 'Result', ko: '결과' },
  'result.open': { en: 'Open', ko: '열기' },
  'result.download': { en: 'Download', ko: '내려받기' },
  'result.size': { en: 'Size', ko: '크기' },
  'result.seconds': { en: '{seconds} s', ko: '{seconds}초' },

  'player.play': { en: 'Play', ko: '재생' },
  'player.pause': { en: 'Pause', ko: '일시정지' },
  'player.position': { en: 'Position', ko: '재생 위치' },

  'error.title': { en: 'What went wrong', ko: '문제가 발생했습니다' },
  'error.copy': { en: 'Copy the error', ko: '오류 복사' },
  'error.details': { en: 'Details', ko: '세부 정보' },
  'error.retryAfter': { en: 'Try again in {time}', ko: '{time} 후 다시 시도하세요' },
  'error.CANCELLED': {
    en: 'It was cancelled. Retry continues after the last finished step.',
    ko: '취소된 작업입니다. 다시 시도하면 마지막으로 끝난 단계부터 이어집니다.',
  },
  'error.titleRetrying': { en: 'This attempt failed', ko: '이번 시도가 실패했습니다' },
  'error.retrying': {
    en: 'Nothing to do: the next attempt follows by itself, after the last finished step.',
    ko: '할 일은 없습니다. 마지막으로 끝난 단계부터 자동으로 다시 시도합니다.',
  },
  'error.TIMED_OUT': {
    en: 'A step took longer than its limit. Retry when the server is less busy, or run it again with smaller input.',
    ko: '한 단계가 제한 시간을 넘었습니다. 서버가 한가할 때 다시 시도하거나 입력을 줄여 다시 실행하세요.',
  },
  'error.INVALID_INPUT': {
    en: 'No result can be made from this input. Choose Run again, and correct it at the place that the message names.',
    ko: '이 입력으로는 결과를 만들 수 없습니다. 다시 실행을 눌러 메시지가 가리키는 곳을 고치세요.',
  },
  'error.NOT_VERIFIED': {
    en: 'No take was understood well enough; listen to them here. Choose Run again with another text or voice, or with a lower similarity.',
    ko: '충분히 알아들을 수 있는 음성이 없었습니다. 아래에서 들어 보세요. 다시 실행을 눌러 텍스트나 목소리를 바꾸거나 최소 유사도를 낮추세요.',
  },
  'error.PROVIDER_FAILED': {
    en: 'A tool or provider failed. Retry; if it fails again, the details say what it answered.',
    ko: '도구 또는 제공자가 실패했습니다. 다시 시도하고, 또 실패하면 세부 정보에서 응답을 확인하세요.',
  },
  'error.PROVIDER_REJECTED': {
    en: 'A provider refused the request: its key, model or address is wrong, there is no credit left, or it does not allow the content. Correct that, then retry.',
    ko: '제공자가 요청을 거부했습니다. 키·모델·주소, 잔액, 허용되지 않는 내용을 확인해 고친 뒤 다시 시도하세요.',
  },
  'error.TOOL_MISSING': {
    en: 'A program that the step needs is not installed on the worker. Whoever runs the server can install it; then retry.',
    ko: '이 단계에 필요한 프로그램이 작업자에 없습니다. 서버 운영자가 설치한 뒤 다시 시도하세요.',
  },
  'error.WORKFLOW_CHANGED': {
    en: 'The workflow got other steps while the job was under way, so it cannot go on from its finished steps. Choose Run again to start a new job.',
    ko: '작업이 진행되는 동안 워크플로의 단계가 바뀌어, 끝난 단계부터 이어갈 수 없습니다. 다시 실행을 눌러 새 작업을 시작하세요.',
  },
  'error.STORAGE_FAILED': {
    en: 'A file could not be read or written. Whoever runs the server can free space or correct the permissions; then retry.',
    ko: '파일을 읽거나 쓸 수 없습니다. 서버 운영자가 공간이나 권한을 해결한 뒤 다시 시도하세요.',
  },
  'error.QUOTA_EXCEEDED': {
    en: 'The project has reached a limit of the server. Wait until jobs have ended or their files are removed, then retry.',
    ko: '프로젝트가 서버의 한도에 도달했습니다. 작업이 끝나거나 파일이 지워진 뒤 다시 시도하세요.',
  },
  'error.UNAVAILABLE': {
    en: 'The server could not reach its database or its files. Retry in a moment.',
    ko: '서버가 데이터베이스나 파일에 접근하지 못했습니다. 잠시 후 다시 시도하세요.',
  },
  'error.TASK_FAILED': {
    en: 'The task reported that it failed. It runs elsewhere, where its own log says more.',
    ko: '작업이 실패했다고 알려 왔습니다. 다른 곳에서 실행되므로 그곳의 로그를 확인하세요.',
  },
  'error.WORKER_LOST': {
    en: 'The worker that ran it died or stalled. Retry continues after the last finished step.',
    ko: '작업자가 중단되었습니다. 다시 시도하면 마지막으로 끝난 단계부터 이어집니다.',
  },
  'error.RECORD_DAMAGED': {
    en: 'Its stored record is corrupt or was written by another version. The server log has the details; you can start a new job.',
    ko: '손상되었거나 다른 버전이 기록한 것입니다. 서버 로그에 자세한 내용이 있으며, 새 작업을 시작할 수 있습니다.',
  },
  'error.INTERNAL': {
    en: 'An unexpected error. Retry; if it fails again, report it: the log of the server has the details.',
    ko: '예상하지 못한 오류입니다. 다시 시도하고, 또 실패하면 신고하세요. 서버 로그에 자세한 내용이 있습니다.',
  },
  'error.FORBIDDEN': {
    en: 'Your token does not permit this: it needs the scope “write”.',
    ko: '이 토큰에는 권한이 없습니다. “write” 권한이 필요합니다.',
  },
  'error.UNAUTHENTICATED': {
    en: 'Your token is no longer valid. Sign in again.',
    ko: '토큰을 더 이상 쓸 수 없습니다. 다시 로그인하세요.',
  },
  'error.NETWORK': { en: 'The server cannot be reached.', ko: '서버에 연결할 수 없습니다.' },

  'form.title': { en: 'New job', ko: '새 작업' },
  'form.close': { en: 'Close', ko: '닫기' },
  'form.kind': { en: 'Kind of job', ko: '작업 종류' },
  'form.optional': { en: 'optional', ko: '선택' },
  'form.sample': { en: 'Insert a sample', ko: '예시 넣기' },
  'form.characters': { en: '{count} of {most} characters', ko: '{most}자 중 {count}자' },
  'form.maxAttempts': { en: 'Maximum attempts', ko: '시도 횟수' },
  'form.addItem': { en: 'Add another', ko: '하나 더 추가' },
  'form.removeItem': { en: 'Remove item {number}', ko: '항목 {number} 제거' },
  'form.file': { en: 'From a CSV or JSON file', ko: 'CSV·JSON 파일에서' },
  'form.file.empty': { en: 'The file has no items', ko: '파일에 항목이 없습니다' },
  'form.file.columns': {
    en: 'No column is named like a field, for example “script” or “text”',
    ko: '“script”, “text” 같은 필드 이름의 열이 없습니다',
  },
  'form.file.json': {
    en: 'Expected a JSON list of objects',
    ko: '객체의 JSON 목록이어야 합니다',
  },
  'form.batchHint': { en: 'Several become one batch', ko: '여러 개는 한 묶음이 됩니다' },
  'form.start': { en: 'Start', ko: '시작' },
  'form.startBatch': { en: 'Start {count} as a batch', ko: '{count}개를 묶음으로 시작' },
  'form.reset': { en: 'Clear the form', ko: '양식 비우기' },
  'form.starting': { en: 'Starting', ko: '시작하는 중' },
  'form.kinds.loading': { en: 'Loading the workflows', ko: '시작할 수 있는 작업을 불러오는 중' },
  'form.kinds.failed': {
    en: 'The workflows could not be loaded: {reason}',
    ko: '시작할 수 있는 작업을 불러오지 못했습니다: {reason}',
  },
  'form.kinds.none': { en: 'This server has no workflows', ko: '이 서버에는 워크플로가 없습니다' },
  'form.choose': { en: 'Choose', ko: '선택하세요' },
  'form.default': { en: '{value} (default)', ko: '{value} (기본값)' },
  'form.left': { en: 'Server default', ko: '서버가 정함' },
  'form.list': { en: 'One per line', ko: '한 줄에 하나씩' },
  'form.json': { en: 'JSON', ko: 'JSON' },
  'form.noJob': {
    en: 'This project has no finished job to choose from yet. Start one first.',
    ko: '이 프로젝트에 고를 수 있는 완료된 작업이 없습니다. 먼저 작업을 만드세요.',
  },
  'form.required': { en: 'Fill this in', ko: '필수 항목입니다' },
  'form.tooLong': { en: 'At most {most} characters', ko: '최대 {most}자입니다' },
  'form.tooShort': { en: 'At least {least} characters', ko: '최소 {least}자입니다' },
  'form.number': { en: 'Enter a number', ko: '숫자를 입력하세요' },
  'form.wholeNumber': { en: 'Enter a whole number', ko: '정수를 입력하세요' },
  'form.least': { en: '{low} or more', ko: '{low} 이상' },
  'form.most': { en: '{high} or less', ko: '{high} 이하' },
  'form.above': { en: 'Above {low}', ko: '{low}보다 큰 값' },
  'form.below': { en: 'Below {high}', ko: '{high}보다 작은 값' },
  'form.tooFew': { en: 'At least {least} lines', ko: '최소 {least}줄이 필요합니다' },
  'form.tooMany': { en: 'At most {most} lines', ko: '최대 {most}줄입니다' },
  'form.notJson': { en: 'This is not valid JSON: {reason}', ko: 'JSON이 아닙니다: {reason}' },
  'form.range': { en: 'From {low} to {high}', ko: '{low}에서 {high}까지' },
  'form.expected': { en: 'Expected {expected}', ko: '필요한 값: {expected}' },

  'keys.title': { en: 'Keyboard shortcuts', ko: '키보드 단축키' },
  'keys.new': { en: 'New job', ko: '새 작업' },
  'keys.next': { en: 'Next job', ko: '다음 작업' },
  'keys.previous': { en: 'Previous job', ko: '이전 작업' },
  'keys.open': { en: 'Open the job', ko: '작업 열기' },
  'keys.search': { en: 'Search', ko: '검색' },
  'keys.table': { en: 'Cards or table', ko: '카드 또는 표' },
  'keys.list': { en: 'All jobs', ko: '모든 작업' },
  'keys.statistics': { en: 'Durations and throughput', ko: '소요 시간과 처리량' },
  'keys.help': { en: 'This list', ko: '이 목록' },
  'keys.on': { en: 'Use these keys', ko: '단축키 사용' },

  'announce.status': { en: '{job}: {status}', ko: '{job}: {status}' },
} as const;

export const MESSAGES = {
  ...PAGE_MESSAGES,
  ...STORY_MESSAGES,
  ...WEBHOOK_MESSAGES,
  ...VIEW_MESSAGES,
} satisfies Readonly<Record<string, Message>>;

export type MessageKey = keyof typeof MESSAGES;
type Values = Readonly<Record<string, string | number>>;

/** A text in a language, with its placeholders filled in. */
export function translate(language: Language, key: MessageKey, values: Values = {}): string {
  return MESSAGES[key][language].replaceAll(/\{(\w+)\}/g, (place, name: string) =>
    String(values[name] ?? place),
  );
}

/** For names given by the server: translated if known, otherwise shown unchanged. */
export function isMessageKey(key: string): key is MessageKey {
  return Object.hasOwn(MESSAGES, key);
}
