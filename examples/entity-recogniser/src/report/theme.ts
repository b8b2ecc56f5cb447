/** Colours of the report on a light and on a dark ground. */
export const THEMES = {
  light: {
    surface: '#ffffff',
    page: '#f6f7f9',
    ink: '#1c2430',
    muted: '#5b6675',
    grid: '#e3e7ec',
    accent: '#1f5fbf',
    second: '#b4540a',
    negative: '#c9d3df',
    positive: '#1f5fbf',
    font: 'system-ui, -apple-system, "Segoe UI", "Noto Sans", "Noto Sans CJK SC", sans-serif',
  },
  dark: {
    surface: '#161b22',
    page: '#0d1117',
    ink: '#e6ebf1',
    muted: '#98a3b1',
    grid: '#2a313b',
    accent: '#6ea8fe',
    second: '#f0a35e',
    negative: '#39434f',
    positive: '#6ea8fe',
    font: 'system-ui, -apple-system, "Segoe UI", "Noto Sans", "Noto Sans CJK SC", sans-serif',
  },
} as const;

export type ThemeName = keyof typeof THEMES;

/**
 * One colour a type, for each ground; types beyond the last begin again, and each span carries its type's name as well.
 */
export const TYPE_COLOURS: Record<ThemeName, readonly string[]> = {
  light: ['#1f5fbf', '#b4540a', '#15803d', '#9333a8', '#0e7490', '#be123c', '#6b6400', '#4b5563', '#7c3aed', '#a16207'],
  dark: ['#6ea8fe', '#f0a35e', '#5fce88', '#d48ae6', '#4fc3dc', '#fb7f93', '#c9bf4a', '#a3adba', '#b197fc', '#e0b050'],
};
