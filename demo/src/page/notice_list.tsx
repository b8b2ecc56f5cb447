import {words} from '../text/language.ts';
import {dismiss, notices} from './state/notices.ts';
import {failure} from './state/session.ts';

/** What the visitor should know: a slower backend, a lost device, something that failed. */
export function NoticeList() {
  return (
    <div class="notices" role="status">
      {failure.value !== null && <p class="notice error">{words().failedToStart(failure.value)}</p>}
      {notices.value.map(({id, text}) => (
        <p key={id} class={`notice ${id}`}>
          <span>{text(words())}</span>
          <button type="button" class="quiet" onClick={() => dismiss(id)}>
            {words().dismiss}
          </button>
        </p>
      ))}
    </div>
  );
}
