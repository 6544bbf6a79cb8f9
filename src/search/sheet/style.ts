/** @file The style sheet of a contact sheet: light and dark, narrow and wide, on paper. */

export const style = `
:root { color-scheme: light dark;
  --page: #f7f5f0; --card: #fffefb; --ink: #211e1a; --soft: #6a645b; --rule: #dfd9cd; --bar: #24588f; --gilt: #b48a3c; }
@media (prefers-color-scheme: dark) { :root {
  --page: #131416; --card: #1b1d20; --ink: #ece9e3; --soft: #a09a90; --rule: #34363a; --bar: #7db3ec; --gilt: #d3ac63; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 14px/1.45 system-ui, sans-serif; }
header { padding: 36px 28px 20px; max-width: 1680px; margin: 0 auto; }
h1 { margin: 0; font: 600 30px/1.3 ui-serif, "Iowan Old Style", Palatino, Georgia, serif; overflow-wrap: anywhere;
  display: flex; flex-wrap: wrap; align-items: center; gap: 8px 14px; letter-spacing: -0.01em; }
h1 .part { display: inline-flex; align-items: center; gap: 10px; }
h1 i { color: var(--gilt); font-style: normal; font-weight: 400; }
h1 img { max-height: 80px; max-width: 160px; border-radius: 6px; border: 1px solid var(--rule); display: block; }
header p { margin: 8px 0 0; color: var(--soft); }
main { display: flex; flex-wrap: wrap; gap: 14px; padding: 0 28px 56px; max-width: 1680px; margin: 0 auto; }
figure { margin: 0; min-width: 0; background: var(--card); border: 1px solid var(--rule);
  border-radius: 8px; overflow: hidden; break-inside: avoid; }
main::after { content: ""; flex: 1000 1 0; }
.picture { position: relative; }
.picture img, .missing { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: contain; }
.missing { margin: 0; padding: 12px; display: grid; place-items: center; color: var(--soft);
  text-align: center; overflow-wrap: anywhere; background: var(--rule); }
figcaption { padding: 9px 12px 10px; }
.line { display: flex; gap: 9px; align-items: baseline; font-variant-numeric: tabular-nums; }
.line b { color: var(--gilt); }
.id { flex: 1; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; color: var(--soft); font-size: 12px; }
.score { font-weight: 600; }
.bar { height: 3px; margin: 6px 0 0; background: var(--rule); border-radius: 2px; }
.bar div { height: 100%; background: var(--bar); border-radius: 2px; }
figcaption p { margin: 8px 0 0; overflow-wrap: anywhere; }
details { margin-top: 6px; font-size: 12px; } summary { cursor: pointer; color: var(--soft); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 12px; margin: 6px 0 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
.none { color: var(--soft); font-size: 18px; padding: 40px 0; }
@media (max-width: 520px) { header { padding: 22px 14px 14px; } main { padding: 0 14px 40px; gap: 10px; } h1 { font-size: 24px; } }
@media print { details { display: none; } body { background: white; } }
`;
