import {effect, signal} from '@preact/signals';

import {LANGUAGE_NAMES, type Language, language, words} from '../text/language.ts';

const THEMES = ['auto', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];
const KEY = 'theme';

const theme = signal<Theme>(THEMES.find(name => name === localStorage.getItem(KEY)) ?? 'auto');

effect(() => {
  document.documentElement.style.colorScheme = theme.value === 'auto' ? 'light dark' : theme.value;
  localStorage.setItem(KEY, theme.value);
});

/** Title, language and theme. */
export function Header() {
  return (
    <header>
      <div>
        <h1>{words().title}</h1>
        <p class="lead">{words().lead}</p>
      </div>
      <div class="settings">
        <label>
          <span class="hidden">{words().language}</span>
          <select value={language.value} onChange={({currentTarget: {value}}) => (language.value = value as Language)}>
            {Object.entries(LANGUAGE_NAMES).map(([key, name]) => (
              <option key={key} value={key}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span class="hidden">{words().theme}</span>
          <select value={theme.value} onChange={({currentTarget: {value}}) => (theme.value = value as Theme)}>
            {THEMES.map(name => (
              <option key={name} value={name}>
                {words().themes[name]}
              </option>
            ))}
          </select>
        </label>
      </div>
    </header>
  );
}
