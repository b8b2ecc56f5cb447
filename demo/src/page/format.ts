import {language} from '../text/language.ts';

export const formatNumber = (value: number, digits = 0): string =>
  value.toLocaleString(language.value, {minimumFractionDigits: digits, maximumFractionDigits: digits});

export const formatBytes = (bytes: number): string => `${formatNumber(bytes / 1000)} kB`;

export const formatMilliseconds = (value: number | undefined): string =>
  value === undefined ? '–' : `${formatNumber(value, value < 100 ? 1 : 0)} ms`;

export const formatPercent = (share: number): string =>
  share.toLocaleString(language.value, {style: 'percent', maximumFractionDigits: 1});
