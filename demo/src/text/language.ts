import {effect, signal} from '@preact/signals';

import {en, type Words} from './en.ts';
import {zh} from './zh.ts';

const LANGUAGES = {en, zh};
export type Language = keyof typeof LANGUAGES;
export const LANGUAGE_NAMES: Record<Language, string> = {en: 'English', zh: '中文'};

const KEY = 'language';

/** The language of the page: the one chosen last, or the browser's. */
export const language = signal<Language>(initial());

/** What the page says, in its language. */
export const words = (): Words => LANGUAGES[language.value];

effect(() => {
  document.documentElement.lang = language.value === 'zh' ? 'zh-Hans' : 'en';
  document.title = words().title;
  localStorage.setItem(KEY, language.value);
});

function initial(): Language {
  const chosen = localStorage.getItem(KEY) ?? navigator.language.slice(0, 2);
  return chosen === 'zh' ? 'zh' : 'en';
}
