/** @file The one style sheet of the report: light and dark, narrow and wide, on paper. */

export const style = `
:root {
  color-scheme: light dark;
  --page: #f7f5f0; --card: #fffefb; --ink: #211e1a; --soft: #6a645b; --rule: #dfd9cd;
  --a: #24588f; --b: #b4521c; --good: #2c7a4b; --bad: #a33232; --gilt: #b48a3c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #131416; --card: #1b1d20; --ink: #ece9e3; --soft: #a09a90; --rule: #34363a;
    --a: #7db3ec; --b: #f09a62; --good: #6cc492; --bad: #ee8a86; --gilt: #d3ac63;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.55 system-ui, sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 40px 24px 72px; }
h1, h2, .sum strong, .panel h2 { font-family: ui-serif, "Iowan Old Style", Palatino, Georgia, serif; font-weight: 600; }
h1 { font-size: 34px; line-height: 1.15; margin: 0 0 6px; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { font-size: 22px; margin: 48px 0 14px; }
h3 { font-size: 13px; margin: 26px 0 12px; color: var(--soft); font-weight: 600; letter-spacing: 0.02em; }
p { margin: 0 0 10px; max-width: 76ch; }
.soft, figcaption, caption { color: var(--soft); }
header { display: flex; flex-wrap: wrap; gap: 16px 48px; justify-content: space-between; align-items: flex-end; }
.sum { text-align: right; font-variant-numeric: tabular-nums; }
.sum strong { font-size: 56px; line-height: 1; letter-spacing: -0.02em; }
.sum span { display: block; color: var(--soft); font-size: 13px; }
.diptych { display: grid; grid-template-columns: 1fr 1fr; margin: 26px 0 0; border: 1px solid var(--rule);
  border-radius: 10px; background: var(--card); }
.panel { padding: 24px 28px 22px; min-width: 0; }
.panel + .panel { border-left: 3px double var(--gilt); }
.panel h2 { margin: 0; font-size: 21px; }
.panel.a h2 { color: var(--a); } .panel.b h2 { color: var(--b); }
.panel > p { font-size: 13px; color: var(--soft); margin: 6px 0 16px; min-height: 3.1em; }
.measure { display: grid; grid-template-columns: 52px 1fr 62px; align-items: center; gap: 0 12px; margin: 10px 0; }
.measure b { font-weight: 600; }
.measure .value { text-align: right; font-size: 20px; font-weight: 600; font-variant-numeric: tabular-nums; }
.measure svg { width: 100%; height: 26px; display: block; }
.measure .between { grid-column: 2; font-size: 12px; color: var(--soft); margin-top: -3px; }
.ranks { display: flex; gap: 36px; margin: 18px 0 0; padding-top: 14px; border-top: 1px solid var(--rule); }
.ranks div { font-size: 12px; color: var(--soft); }
.ranks b { display: block; font-size: 20px; color: var(--ink); font-variant-numeric: tabular-nums; }
.figures { border: 1px solid var(--rule); border-radius: 10px; background: var(--card); padding: 18px 24px; }
.figures .ranks { margin: 6px 0 14px; padding: 0; border: 0; } .figures p:last-child { margin: 0; font-size: 13px; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 22px; }
figure { margin: 0; padding: 18px 18px 14px; border: 1px solid var(--rule); border-radius: 10px; background: var(--card);
  min-width: 0; }
figcaption { font-weight: 600; color: var(--ink); margin-bottom: 10px; }
figure svg { width: 100%; height: auto; display: block; }
svg text { font: 12px system-ui, sans-serif; fill: var(--soft); }
svg text.small { font-size: 10px; }
svg text.axis { fill: var(--ink); }
.grid { stroke: var(--rule); stroke-width: 1; } .base { stroke: var(--soft); stroke-width: 1; }
.line-a, .line-b { fill: none; stroke-width: 2.5; stroke-linejoin: round; }
.line-a { stroke: var(--a); } .line-b { stroke: var(--b); }
.fill-a { fill: var(--a); } .fill-b { fill: var(--b); }
.chance { fill: none; stroke: var(--soft); stroke-width: 1.5; stroke-dasharray: 4 4; }
.track { fill: var(--rule); } .whisker { stroke: var(--ink); stroke-width: 1.5; } .mark { stroke: var(--gilt); stroke-width: 2; }
.bar-a { fill: var(--a); } .bar-b { fill: var(--b); }
details { margin-top: 10px; font-size: 13px; } summary { cursor: pointer; color: var(--soft); }
figcaption + .legend { margin: -4px 0 8px; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 12px; color: var(--soft); }
.legend i { display: inline-block; width: 9px; height: 9px; margin-right: 7px; }
.legend .a { background: var(--a); border-radius: 50%; } .legend .b { background: var(--b); }
.legend .dashes { width: 16px; height: 0; border-top: 2px dashed var(--soft); vertical-align: 3px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; width: 100%; }
caption { text-align: left; padding: 8px 0 4px; }
th, td { padding: 5px 14px 5px 0; border-bottom: 1px solid var(--rule); text-align: right; font-weight: 400; }
th:first-child, td:first-child { text-align: left; } thead th { color: var(--soft); vertical-align: bottom; }
table.facts td { text-align: left; overflow-wrap: anywhere; } table.facts th { color: var(--soft); width: 240px; vertical-align: top; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 6px 22px; margin: 0; font-size: 14px; }
dt { font-weight: 600; } dd { margin: 0; max-width: 76ch; color: var(--soft); }
.examples { display: grid; grid-template-columns: 1fr 1fr; gap: 18px; }
.example { border: 1px solid var(--rule); border-radius: 10px; background: var(--card); padding: 14px 16px; min-width: 0; }
.verdict { font-size: 12px; color: var(--soft); margin: 0 0 10px; font-variant-numeric: tabular-nums; }
.verdict b { color: var(--good); } .miss .verdict b { color: var(--bad); }
.example.look { display: grid; grid-template-columns: 150px 1fr; gap: 0 16px; align-content: start; }
.example.look .verdict { grid-column: 1 / -1; }
.example img { display: block; width: 100%; height: auto; border-radius: 5px; object-fit: cover; background: var(--rule); }
.example.look > img, .example.look > .blank { aspect-ratio: 4 / 3; align-self: start; }
.blank { display: grid; place-items: center; text-align: center; background: var(--rule); border-radius: 5px; color: var(--soft);
  font-size: 11px; padding: 6px; overflow-wrap: anywhere; }
.example ol { margin: 0; padding: 0; list-style: none; font-size: 13px; line-height: 1.4; }
.example li { display: grid; grid-template-columns: 50px 1fr; gap: 8px; padding: 2px 0; overflow-wrap: anywhere; }
.example li i { font-style: normal; color: var(--soft); font-variant-numeric: tabular-nums; }
.example li.own { color: var(--good); font-weight: 600; }
.asked { font-family: ui-serif, Palatino, Georgia, serif; font-size: 17px; line-height: 1.35; margin: 0 0 12px; }
.strip { display: grid; grid-template-columns: repeat(5, 1fr); gap: 8px; } .miss .strip { grid-template-columns: repeat(6, 1fr); }
.strip div { min-width: 0; font-size: 11px; color: var(--soft); font-variant-numeric: tabular-nums; }
.strip img, .strip .blank { aspect-ratio: 1; margin-bottom: 4px; }
.strip .own { color: var(--good); font-weight: 600; } .strip .own img, .strip .own .blank { outline: 3px solid var(--good); outline-offset: 1px; }
.own-list { grid-column: 1 / -1; margin: 10px 0 0; font-size: 12px; color: var(--soft); }
footer { margin-top: 56px; padding-top: 14px; border-top: 3px double var(--gilt); font-size: 12px; color: var(--soft); }
@media (max-width: 800px) {
  .diptych, .pair, .examples { grid-template-columns: 1fr; }
  .panel + .panel { border-left: 0; border-top: 3px double var(--gilt); }
  .sum { text-align: left; } main { padding: 24px 16px 48px; } dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: 8px; }
}
@media print { body { background: #fff; } main { max-width: none; padding: 0; } .example, figure { break-inside: avoid; } }
`;
