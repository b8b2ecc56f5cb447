import {THEMES, type ThemeName, TYPE_COLOURS} from './theme.js';

function variables(theme: ThemeName): string {
  const {surface, page, ink, muted, grid, accent} = THEMES[theme];
  const types = TYPE_COLOURS[theme].map((colour, i) => `--t${i}:${colour}`).join(';');
  return `--surface:${surface};--page:${page};--ink:${ink};--muted:${muted};--grid:${grid};--accent:${accent};${types}`;
}

/** The style sheet of the page. Charts are drawn for both grounds; the one that fits is shown. */
export const STYLE = `
:root{color-scheme:light dark;${variables('light')}}
.on-dark{display:none}
@media (prefers-color-scheme:dark){:root{${variables('dark')}}.on-light{display:none}.on-dark{display:block}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 ${THEMES.light.font}}
main{max-width:1080px;margin:0 auto;padding:40px 20px 64px}
h1{font-size:1.9rem;line-height:1.2;margin:0 0 6px;letter-spacing:-.01em}
h2{font-size:1.15rem;margin:0 0 4px}
p{margin:.3em 0}
.lead,.note{color:var(--muted)}
.note{font-size:.92rem;max-width:46em}
section{background:var(--surface);border:1px solid var(--grid);border-radius:12px;padding:22px 24px;margin-top:20px}
.figures{display:flex;flex-wrap:wrap;gap:12px 40px;margin-top:22px}
.figures div{min-width:96px}
.figures b{display:block;font-size:1.75rem;line-height:1.2;font-weight:650;font-variant-numeric:tabular-nums}
.figures span{color:var(--muted);font-size:.88rem}
.scroll{overflow-x:auto}
svg{max-width:100%;height:auto}
table{border-collapse:collapse;width:100%;margin-top:12px;font-variant-numeric:tabular-nums}
th,td{padding:7px 10px;text-align:right;border-bottom:1px solid var(--grid);white-space:nowrap}
th{color:var(--muted);font-weight:500;font-size:.88rem}
th:first-child,td:first-child{text-align:left;padding-left:0}
td:last-child,th:last-child{width:34%;padding-right:0}
tfoot td{font-weight:650;border-bottom:0}
.dot{display:inline-block;width:.65em;height:.65em;border-radius:50%;margin-right:.55em;background:var(--c)}
.meter{height:8px;border-radius:4px;background:var(--grid);overflow:hidden}
.meter i{display:block;height:100%;border-radius:4px;background:var(--c)}
.tagged{--bar:17px;margin:12px 0 0;font-size:1.06rem}
.tagged+.tagged{border-top:1px solid var(--grid)}
.tagged.characters{letter-spacing:.08em}
.token,.gap{position:relative;display:inline-block;line-height:1.5em;height:1.5em;white-space:pre;vertical-align:top;
  margin-top:4px}
.tagged .token{margin-bottom:calc(var(--rows)*var(--bar) + 8px)}
.bar{position:absolute;left:0;right:0;top:calc(1.55em + var(--row)*var(--bar));height:15px;font-style:normal;
  background:color-mix(in srgb,var(--c) 24%,var(--surface))}
.bar.first{border-left:3px solid var(--c);border-radius:3px 0 0 3px}
.bar.last{border-radius:0 3px 3px 0}
.bar.first.last{border-radius:3px}
.bar.missed{background:none;border-top:1px dashed var(--c);border-bottom:1px dashed var(--c)}
.bar.wrong{background:repeating-linear-gradient(135deg,color-mix(in srgb,var(--c) 34%,var(--surface)) 0 4px,var(--surface) 4px 7px)}
.bar b{position:absolute;left:2px;top:0;padding:0 2px;font:600 10.5px/15px ${THEMES.light.font};letter-spacing:0;color:var(--c);z-index:1}
.bar.first.last b{max-width:calc(100% - 2px);overflow:hidden}
.bar.wrong b,.bar.missed b{background:var(--surface);line-height:13px;top:1px}
pre{margin:10px 0 0;padding:12px 14px;border-radius:8px;background:var(--page);overflow-x:auto;font-size:.88rem}
details{margin-top:10px}summary{cursor:pointer;color:var(--muted)}
footer{color:var(--muted);font-size:.88rem;margin-top:20px}
`;
