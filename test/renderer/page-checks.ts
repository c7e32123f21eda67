import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright-core';

/** What is looked at on every screen; each answers with what is wrong, in words that name the place. */

/**
 * What axe finds on what can be seen now: by every rule, or, where only the colours are others than a
 * moment ago, by those about colours.
 */
export async function axeFindings(
  page: Page,
  note: string,
  { onlyColours = false }: { readonly onlyColours?: boolean } = {},
): Promise<readonly string[]> {
  const has = await page.evaluate(() => 'axe' in window);
  // Putting it in takes longer than running it; so that happens once a page.
  if (!has) await new AxeBuilder({ page }).setLegacyMode().withRules('document-title').analyze();
  const options = onlyColours
    ? { runOnly: ['color-contrast', 'link-in-text-block'], resultTypes: ['violations'] }
    : { rules: { 'target-size': { enabled: true } }, resultTypes: ['violations'] };
  const { violations } = await page.evaluate((how) => window.axe.run(document, how), options);
  return violations.flatMap(({ id, nodes }) =>
    nodes.slice(0, 3).map(({ html, any }) => {
      const why = any[0]?.message ?? '';
      return `${note}: ${id}: ${html.slice(0, 160)} ${why.slice(0, 160)}`;
    }),
  );
}

/**
 * In forced colours the system picks the colours, and what a style sheet says about them means nothing;
 * but whatever was only a background is gone. What can be pressed must still have an edge or an underline.
 */
export async function unframedControls(page: Page, note: string): Promise<readonly string[]> {
  return page.evaluate((where) => {
    const wrong: string[] = [];
    for (const each of document.querySelectorAll<HTMLElement>(
      'button, input:not([type=radio], [type=checkbox], [type=range])',
    )) {
      if (!each.checkVisibility() || each.closest('.visually-hidden, [aria-hidden=true]') !== null)
        continue;
      const box = each.getBoundingClientRect();
      if (box.width <= 1 || box.height <= 1) continue;
      const { borderTopWidth, borderTopStyle, textDecorationLine, outlineStyle } =
        getComputedStyle(each);
      const hasEdge = borderTopStyle !== 'none' && Number.parseFloat(borderTopWidth) > 0;
      if (!hasEdge && textDecorationLine === 'none' && outlineStyle === 'none')
        wrong.push(`${where}: no edge: ${each.outerHTML.slice(0, 160)}`);
    }
    return wrong;
  }, note);
}

/** What measures itself has measured itself again. */
export async function resize(page: Page, width: number, height: number): Promise<void> {
  await page.setViewportSize({ width, height });
  await page.waitForFunction((wanted) => innerWidth === wanted, width);
  await page.evaluate(
    () =>
      new Promise((done) => {
        // Told in the same frame as everybody else who watches a size.
        const observer = new ResizeObserver(() => {
          observer.disconnect();
          requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)));
        });
        observer.observe(document.documentElement);
      }),
  );
}

/** A page scrolls downwards only; what is wider scrolls within itself. */
export async function sideways(page: Page, note: string): Promise<readonly string[]> {
  return page.evaluate(async (where) => {
    const root = document.documentElement;
    // As wide as beside a scroll bar, which is kept free for, also where the browser shows none.
    const room = () => document.body.clientWidth;
    // What measures itself may take some frames until it fits.
    for (let frame = 0; frame < 30 && root.scrollWidth > room(); frame += 1)
      await new Promise(requestAnimationFrame);
    const { scrollWidth } = root;
    const clientWidth = room();
    if (scrollWidth <= clientWidth) return [];
    const wide = [...document.querySelectorAll('body *')].filter(
      (each) =>
        each.getBoundingClientRect().right > clientWidth + 1 &&
        each.closest('.table-frame, .visually-hidden') === null,
    );
    const last = wide.at(-1);
    return [`${where}: ${scrollWidth} > ${clientWidth}: ${last?.outerHTML.slice(0, 160) ?? ''}`];
  }, note);
}

/** Whatever has the focus can be seen: nothing lies on top of it, and it is not outside of the window. */
export async function coveredControls(page: Page, note: string): Promise<readonly string[]> {
  return page.evaluate((where) => {
    const wrong: string[] = [];
    const dialog = document.querySelector('[role=dialog], [role=alertdialog]');
    const all = (dialog ?? document).querySelectorAll<HTMLElement>(
      'a[href], button, input, textarea, summary, [tabindex="0"]',
    );
    for (const each of all) {
      if (
        each.matches(':disabled') ||
        each.closest('[inert], [hidden], details:not([open]) > :not(summary)') !== null
      )
        continue;
      each.focus();
      if (document.activeElement !== each) continue;
      // react-aria hides the real input inside of its label.
      const shown = each.matches('input[type=radio], input[type=checkbox], input[type=range]')
        ? (each.closest('label, [role=slider], .offer-handle') ?? each)
        : each;
      const box = shown.getClientRects()[0];
      if (box === undefined || box.width <= 1 || box.height <= 1) continue;
      const x = (Math.max(0, box.left) + Math.min(innerWidth, box.right)) / 2;
      const y = (Math.max(0, box.top) + Math.min(innerHeight, box.bottom)) / 2;
      const hit = document.elementFromPoint(x, y);
      if (hit === null || !(shown.contains(hit) || hit.contains(shown)))
        wrong.push(
          `${where}: ${shown.outerHTML.slice(0, 120)} is under ${hit?.outerHTML.slice(0, 120) ?? 'nothing'}`,
        );
    }
    (document.activeElement as HTMLElement | null)?.blur();
    scrollTo(0, 0);
    return wrong;
  }, note);
}

/** Text that is cut off where nobody meant it: names may be shortened, sentences may not. */
export async function cutText(page: Page, note: string): Promise<readonly string[]> {
  return page.evaluate((where) => {
    const wrong: string[] = [];
    // Names and paths of others are meant to be shortened; hidden words are for screen readers.
    const meant = 'bdi, .visually-hidden, .nav-words, .set-folders, .patch-name, .skip, svg';
    for (const each of document.querySelectorAll<HTMLElement>('body *')) {
      if (each.closest(meant) !== null || each.querySelector(meant) !== null) continue;
      const { overflowX, overflowY, clipPath } = getComputedStyle(each);
      if (clipPath !== 'none' || each.clientWidth <= 1) continue;
      const isCut =
        (/hidden|clip/.test(overflowX) && each.scrollWidth > each.clientWidth + 1) ||
        (/hidden|clip/.test(overflowY) && each.scrollHeight > each.clientHeight + 1);
      if (isCut && each.innerText.trim() !== '')
        wrong.push(`${where}: ${each.outerHTML.slice(0, 200)}`);
    }
    return wrong;
  }, note);
}

/** Every piece of text that can be seen or is read out, each once. */
export async function textsOf(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const texts = new Set<string>();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const parent = node.parentElement;
      // What a time says is a date, whatever the language.
      if (parent === null || parent.closest('script, style, time, bdi') !== null) continue;
      // What stands in a field is somebody's own text.
      if (parent.closest('textarea') !== null) continue;
      if (parent.closest('select') !== null || !parent.checkVisibility()) continue;
      texts.add(node.textContent?.trim() ?? '');
    }
    for (const name of ['aria-label', 'title', 'placeholder', 'alt', 'aria-valuetext'])
      for (const each of document.querySelectorAll(`[${name}]`))
        if (each.closest('time, bdi') === null && !each.matches('time, bdi'))
          texts.add(each.getAttribute(name)?.trim() ?? '');
    texts.delete('');
    return [...texts];
  });
}

/**
 * Walks by Tab once round and says which controls were never reached. One radio of a group counts for
 * all of them: arrows do the rest.
 */
export async function unreached(page: Page, note: string): Promise<readonly string[]> {
  const count = await page.evaluate(() => {
    const walk = { all: [] as HTMLElement[], met: new Set<Element>() };
    const groups = new Set<string>();
    for (const each of document.querySelectorAll<HTMLElement>(
      'a[href], button, input, textarea, summary, [tabindex]',
    )) {
      if (each.tabIndex < 0 || each.matches(':disabled') || !each.checkVisibility()) continue;
      if (each.closest('[inert], [aria-hidden=true]') !== null) continue;
      if (each instanceof HTMLInputElement && each.type === 'radio') {
        if (groups.has(each.name)) continue;
        groups.add(each.name);
        walk.all.push(
          document.querySelector<HTMLElement>(`input[name="${each.name}"]:checked`) ?? each,
        );
      } else walk.all.push(each);
    }
    document.addEventListener('focusin', ({ target }) => walk.met.add(target as Element));
    window.mockWalk = walk;
    (document.activeElement as HTMLElement | null)?.blur();
    return walk.all.length;
  });
  for (let i = 0; i < count + 3; i += 1) await page.keyboard.press('Tab');
  return page.evaluate((where) => {
    const { all, met } = window.mockWalk;
    return all
      .filter((each) => !met.has(each))
      .map((each) => `${where}: Tab never reaches ${each.outerHTML.slice(0, 160)}`);
  }, note);
}

type AxeResults = Awaited<ReturnType<AxeBuilder['analyze']>>;

declare global {
  interface Window {
    axe: { run: (where: Document, options: unknown) => Promise<AxeResults> };
    mockWalk: { all: HTMLElement[]; met: Set<Element> };
  }
}
