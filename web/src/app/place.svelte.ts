/** @file Where the reader is: the address as state, so that links, the back button and reloads all lead to the same. */

let address = $state(new URL(location.href));

addEventListener('popstate', () => {
  address = new URL(location.href);
});

/** The address now; reading it in a component follows it. */
export function place(): URL {
  return address;
}

export interface Going {
  /** The new address takes the place of this one: for changes that are no step of their own. */
  readonly replace?: boolean;
  /** Stay where the page is scrolled to. */
  readonly stay?: boolean;
}

/** Goes to an address of these pages. */
export function go(to: string | URL, { replace = false, stay = false }: Going = {}): void {
  const next = new URL(to, location.href);
  if (next.href === address.href) return;
  if (replace) history.replaceState(history.state, '', next);
  else history.pushState({ within: true }, '', next);
  address = next;
  if (!replace && !stay) scrollTo({ top: 0 });
}

/** Goes back if the last step was made on these pages, else to an address. */
export function back(otherwise: string | URL): void {
  if (history.state?.within === true) history.back();
  else go(otherwise, { replace: true, stay: true });
}

/** Follows plain clicks on links within these pages, without loading anything. For the click of any parent element. */
export function followLink(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
    return;
  const link = (event.target as Element).closest('a[href]') as HTMLAnchorElement | null;
  if (link === null || link.target !== '' || link.origin !== location.origin || link.hasAttribute('download')) return;
  if (link.pathname.startsWith('/v1/') || link.hasAttribute('data-outside')) return;
  event.preventDefault();
  go(link.href);
}
