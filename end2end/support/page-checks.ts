/*
 * Checks that run inside a page. Playwright sends the text of these functions, so they must not use other functions.
 */

/** Style rules with the text spacing of WCAG 1.4.12. */
export const TEXT_SPACING = {
  on: `() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(
      '* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }' +
      'p { margin-block-end: 2em !important }'
    );
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  }`,
  off: `() => { document.adoptedStyleSheets = document.adoptedStyleSheets.slice(0, -1) }`,
};

/** The number of elements that announce changes. */
export function liveRegions(): number {
  return document.querySelectorAll('[role="status"], output').length;
}

/** The images that could not be loaded. */
export function missingImages(): string[] {
  const seen = [...document.images].filter((image) => {
    const { top, bottom } = image.getBoundingClientRect();
    return image.checkVisibility() && bottom > 0 && top < window.innerHeight;
  });
  return seen.filter((image) => image.complete && image.naturalWidth === 0).map((image) => image.getAttribute('src') ?? '');
}

/** The texts that cannot be read completely: cut off, outside the page, or overlapping. */
export function fits(): string[] {
  const found: string[] = [];
  const width = document.documentElement.clientWidth;
  const root = document.scrollingElement ?? document.documentElement;
  if (root.scrollWidth > width + 1) {
    found.push(`the page is ${root.scrollWidth} wide, the screen ${width}`);
  }

  /** True for hidden elements and those for screen readers only. */
  const isHidden = (element: Element): boolean => {
    // The content of a closed `details` has a position and a size but is not drawn.
    if (!element.checkVisibility()) {
      return true;
    }
    for (let each: Element | null = element; each; each = each.parentElement) {
      const style = getComputedStyle(each);
      const isInvisible = style.display === 'none' || style.visibility !== 'visible' || style.opacity === '0';
      if (isInvisible || style.clipPath === 'inset(50%)' || (each as HTMLElement).inert) {
        return true;
      }
    }
    return false;
  };

  const name = (element: Element, text: string): string => {
    const classes = element.classList.length > 0 ? `.${[...element.classList].join('.')}` : '';
    return `<${element.localName}${classes}> “${text.trim().slice(0, 60)}”`;
  };

  const texts: { element: Element; text: string; box: DOMRect; layer: Element | undefined }[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    const text = node.textContent ?? '';
    if (!element || !text.trim() || element.closest('script, style, noscript, title, option') || isHidden(element)) {
      continue;
    }
    const range = document.createRange();
    range.selectNodeContents(node);
    const boxes = [...range.getClientRects()].filter((box) => box.width > 0 && box.height > 0);
    if (boxes.length === 0) {
      continue;
    }
    let layer: Element | undefined;
    let scrolls = false;
    let outside = false;
    for (let each: Element | null = element; each && each !== document.documentElement; each = each.parentElement) {
      const style = getComputedStyle(each);
      const box = each.getBoundingClientRect();
      const clips = (overflow: string) => overflow === 'hidden' || overflow === 'clip';
      const isScrollable = (overflow: string) => overflow === 'auto' || overflow === 'scroll';
      if (each !== document.body && !outside && style.display !== 'inline') {
        const cut = boxes.some(
          ({ left, right, top, bottom }) =>
            ((clips(style.overflowX) || style.textOverflow === 'ellipsis') && (left < box.left - 1 || right > box.right + 1)) ||
            // Only the glyphs of a line count, not the space above and below them.
            (clips(style.overflowY) && (top + (bottom - top) / 4 < box.top - 1 || bottom - (bottom - top) / 4 > box.bottom + 1)),
        );
        if (cut) {
          found.push(`cut off by <${each.localName} class="${each.className}">: ${name(element, text)}`);
          outside = true;
        }
        if (isScrollable(style.overflowX) && each.scrollWidth > each.clientWidth + 1 && !scrolls) {
          found.push(`scrolls sideways: ${name(element, text)}`);
          outside = true;
        }
      }
      scrolls ||= isScrollable(style.overflowY);
      // A panel with its own background may cover the page.
      const panel = style.position === 'absolute' && !/^(transparent|rgba\(.*, 0\))$/.test(style.backgroundColor);
      if (style.position === 'fixed' || style.position === 'sticky' || panel) {
        layer ??= each;
      }
      if (style.position === 'fixed' && !scrolls && !outside) {
        const beyond = boxes.some(({ top, bottom }) => top < -1 || bottom > innerHeight + 1);
        if (beyond) {
          found.push(`fixed above or below what can be seen: ${name(element, text)}`);
          outside = true;
        }
      }
    }
    if (!outside && boxes.some(({ left, right }) => left < -1 || right > width + 1)) {
      found.push(`outside of the screen: ${name(element, text)}`);
    }
    for (const box of boxes) {
      texts.push({ element, text, box, layer });
    }
  }

  // Texts of one layer must not overlap. The check uses the middle of each line, where its glyphs are.
  const middle = ({ left, right, top, bottom }: DOMRect) => {
    const quarter = (bottom - top) / 4;
    return { left: left + 1, right: right - 1, top: top + quarter, bottom: bottom - quarter };
  };
  texts.forEach((one, at) => {
    for (const other of texts.slice(at + 1)) {
      if (one.element === other.element || one.layer !== other.layer) {
        continue;
      }
      const [a, b] = [middle(one.box), middle(other.box)];
      if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom) {
        found.push(`on top of each other: ${name(one.element, one.text)} and ${name(other.element, other.text)}`);
      }
    }
  });
  return [...new Set(found)];
}

/** The order numbers and controls that extend beyond their card, tile or column. */
export function overflows(): string[] {
  const found: string[] = [];
  const within = '.card, .tile, li, .headline, .mine-card, .call, .undo, .next-up, main';
  for (const element of document.querySelectorAll<HTMLElement>('.number, #called, .card .more > summary, .card .age')) {
    const around = element.parentElement?.closest(within) ?? element;
    // A number in a list item has its own background.
    const holder = element.matches('li') ? element : around;
    const range = document.createRange();
    range.selectNodeContents(element);
    const boxes = element.matches('summary') ? [element.getBoundingClientRect()] : [...range.getClientRects()];
    const bounds = holder.getBoundingClientRect();
    const out = boxes.some(
      ({ left, right, width }) => width > 0 && (left < bounds.left - 1 || right > bounds.right + 1 || right > innerWidth + 1),
    );
    if (element.checkVisibility() && out) {
      const wide = Math.max(...boxes.map((box) => box.width));
      found.push(`“${element.textContent}” (${Math.round(wide)}) extends beyond <${holder.localName} class="${holder.className}"> (${Math.round(bounds.width)})`);
    }
  }
  return found;
}

/** The controls that are smaller than the minimum target size; main actions of a card need a larger one. */
export function smallTargets(minimum: { target: number; primary: { width: number; height: number } }): string[] {
  const found: string[] = [];
  const all = 'a[href], button, summary, select, textarea, input:not([type="hidden"]), [role="button"], [tabindex="0"]';
  for (const element of document.querySelectorAll<HTMLElement>(all)) {
    const style = getComputedStyle(element);
    if (!element.checkVisibility() || style.visibility !== 'visible' || element.closest('[inert], .visually-hidden')) {
      continue;
    }
    // WCAG 2.5.8 exempts links in a sentence.
    if (style.display === 'inline' && element.localName === 'a') {
      continue;
    }
    // A checkbox or radio button can also be tapped on its label.
    const label = element instanceof HTMLInputElement ? element.labels?.[0] : undefined;
    const boxes = [element, ...(label ? [label] : [])].map((each) => each.getBoundingClientRect());
    const width = Math.max(...boxes.map((box) => box.width));
    const height = Math.max(...boxes.map((box) => box.height));
    if (width === 0 || height === 0) {
      continue;
    }
    const primary = element.matches('button.primary, button.ready, a.primary');
    const wanted = primary ? minimum.primary : { width: minimum.target, height: minimum.target };
    if (width < wanted.width - 0.5 || height < wanted.height - 0.5) {
      const words = (element.textContent ?? '').trim().slice(0, 40) || element.getAttribute('aria-label');
      found.push(`<${element.localName}> “${words}” is ${Math.round(width)} × ${Math.round(height)}`);
    }
  }
  return found;
}
