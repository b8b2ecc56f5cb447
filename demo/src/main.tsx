import './style.css';

import {render} from 'preact';

import {BACKENDS} from './engine/protocol.ts';
import {App} from './page/app.tsx';
import {begin} from './page/state/training.ts';

/** `?backend=webgl` asks for that one first. */
const asked = BACKENDS.find(name => name === new URLSearchParams(location.search).get('backend'));

render(<App />, document.getElementById('app')!);
void begin(asked === undefined ? BACKENDS : [asked, ...BACKENDS.filter(name => name !== asked)]);
