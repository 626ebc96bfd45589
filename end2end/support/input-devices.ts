import { type Locator, type Page, expect } from '@playwright/test';

/** A user who only uses the keyboard. */
export class KeyboardUser {
  constructor(readonly page: Page) {}

  /** Presses Tab until `target` has the focus. The focus must be visible and not covered. */
  async to(target: Locator): Promise<void> {
    for (let pressed = 0; pressed < 80; pressed += 1) {
      if (await hasFocus(target)) {
        expect(await this.page.evaluate(focusFaults), 'the focus is visible').toEqual([]);
        return;
      }
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`${String(target)} cannot be reached with Tab`);
  }

  /** Moves the focus to `target`, a link or button, and presses Enter. */
  async enter(target: Locator): Promise<void> {
    await this.to(target);
    await this.page.keyboard.press('Enter');
  }

  /** Moves the focus to a group of radio buttons and selects with the arrow keys. */
  async choose(group: Locator, wanted: Locator): Promise<void> {
    await this.to(group.locator('input:checked'));
    for (let pressed = 0; pressed < 12 && !(await wanted.isChecked()); pressed += 1) {
      await this.page.keyboard.press('ArrowDown');
    }
    await expect(wanted).toBeChecked();
  }

  async write(target: Locator, text: string): Promise<void> {
    await this.to(target);
    await this.page.keyboard.type(text);
  }
}

/** Whether the first element of `target` has the focus. */
async function hasFocus(target: Locator): Promise<boolean> {
  const [first] = await target.all();
  return first ? first.evaluate((element) => element === document.activeElement) : false;
}

/** The faults of the focus indicator: not visible, or covered. */
function focusFaults(): string[] {
  const element = document.activeElement;
  if (!element || element === document.body) {
    return ['nothing has the focus'];
  }
  // The label may draw the focus indicator of a checkbox or radio button.
  const seen = element instanceof HTMLInputElement && element.labels?.[0] ? element.labels[0] : element;
  const drawn = [element, seen, ...seen.children].some((each) => {
    const style = getComputedStyle(each);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 3;
  });
  const box = seen.getBoundingClientRect();
  const over = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  const covered = over !== null && !seen.contains(over) && !over.contains(seen);
  const outside = box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth;
  const name = `<${element.localName}> “${(seen.textContent ?? '').trim().slice(0, 40)}”`;
  return [
    ...(drawn ? [] : [`${name} has no focus indicator of 3 px`]),
    ...(covered ? [`${name} is covered by <${over?.localName} class="${over?.className}">`] : []),
    ...(outside ? [`${name} is outside of the screen`] : []),
  ];
}

/** A user with a tremor: every second tap is repeated at the same place. */
export class DoubleTapUser {
  private touches = 0;

  constructor(readonly page: Page) {}

  async touch(target: Locator): Promise<void> {
    await target.scrollIntoViewIfNeeded();
    await expect(target).toBeVisible();
    const box = await target.boundingBox();
    if (!box) {
      throw new Error(`${String(target)} is not on the screen`);
    }
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await this.page.touchscreen.tap(x, y);
    this.touches += 1;
    if (this.touches % 2 === 0) {
      await this.page.touchscreen.tap(x, y);
    }
  }
}
