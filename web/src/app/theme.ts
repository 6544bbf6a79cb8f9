/** @file Light, dark, or as the system says: what the reader chose, kept in this browser. */

const themes = ['system', 'light', 'dark'] as const;
type Theme = (typeof themes)[number];

const KEY = 'diptych.theme';

/** What the browser keeps for these pages; undefined where it was told to keep nothing. */
function storageHere(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}

/** What was chosen; the system's where nothing was, or where the browser keeps nothing. */
export function storedTheme(storage: Pick<Storage, 'getItem'> | undefined = storageHere()): Theme {
  const found = storage?.getItem(KEY);
  return themes.find((theme) => theme === found) ?? 'system';
}

/** The next of the three, in a circle. */
export function nextTheme(theme: Theme): Theme {
  return themes[(themes.indexOf(theme) + 1) % themes.length];
}

/** Shows a theme, and remembers it where the browser can. */
export function applyTheme(theme: Theme): void {
  if (theme === 'system') {
    delete document.documentElement.dataset.theme;
    storageHere()?.removeItem(KEY);
  } else {
    document.documentElement.dataset.theme = theme;
    storageHere()?.setItem(KEY, theme);
  }
}
