import {words} from '../text/language.ts';
import {Editor} from './editor.tsx';
import {Explorer} from './explorer.tsx';
import {Header} from './header.tsx';
import {Maps} from './maps.tsx';
import {NoticeList} from './notice_list.tsx';
import {Speed} from './speed.tsx';
import {failure, started} from './state/session.ts';
import {Teach} from './teach.tsx';

export function App() {
  const isStarting = started.value === null && failure.value === null;
  return (
    <>
      <Header />
      <NoticeList />
      <main aria-busy={isStarting}>
        {isStarting && <p class="starting">{words().loading}</p>}
        <Editor />
        <div class="columns">
          <div>
            <Maps />
            <Speed />
          </div>
          <Teach />
        </div>
        <Explorer />
      </main>
      <footer>{words().footer}</footer>
    </>
  );
}
