import type { ParentTree } from './parent-trees.ts';

/**
 * The JSON of a tree while its entries come in. They stand in the order in which they were begun; those that are
 * still read hold up the text, not the walk. As long as everything is as in the tree before, nothing is written at
 * all. A folder of half a million files is a quarter of a gigabyte of text, and here it is not more than that.
 */
export type TreeText = {
  readonly add: (node: string) => void;
  /** An entry whose node will be known later; undefined: there is none after all. */
  readonly later: () => (node: string | undefined) => void;
  /** Nothing more comes. `done` is called once, when every entry is known. */
  readonly end: (done: (tree: FinishedTree) => void) => void;
};

export type FinishedTree =
  | { readonly same: string }
  | { readonly same: undefined; readonly plaintext: Buffer };

const BEGIN = '{"nodes":[';
/** Go writes a newline after each JSON document; the tree's id is the hash of these bytes. */
const END = ']}\n';
const PIECE_CHARACTERS = 64 * 1024;
/** So many entries that are through are forgotten at once. */
const FORGET_AT = 1024;

/** `undefined`: not known yet. `null`: no entry. */
type Slot = string | null | undefined;

export function createTreeText(before: ParentTree | undefined): TreeText {
  let slots: Slot[] = [];
  /** The first entry that is not known. */
  let head = 0;
  /** Entries that are forgotten: numbers of slots count them too. */
  let gone = 0;
  let isFirst = true;
  /** How far the text is the same as before; −1 if it is not. */
  let sameTo = before?.text.startsWith(BEGIN) === true ? BEGIN.length : -1;
  const pieces: Buffer[] = [];
  let texts: string[] = sameTo < 0 ? [BEGIN] : [];
  let characters = 0;
  let done: ((tree: FinishedTree) => void) | undefined;

  function write(text: string): void {
    texts.push(text);
    characters += text.length;
    if (characters < PIECE_CHARACTERS) return;
    pieces.push(Buffer.from(texts.join(''), 'utf8'));
    texts = [];
    characters = 0;
  }

  function put(node: string): void {
    if (sameTo >= 0 && before !== undefined) {
      const at = isFirst ? sameTo : sameTo + 1;
      const isNext = isFirst || before.text[sameTo] === ',';
      if (isNext && before.text.startsWith(node, at)) {
        isFirst = false;
        sameTo = at + node.length;
        return;
      }
      write(before.text.slice(0, sameTo));
      sameTo = -1;
    }
    write(isFirst ? node : `,${node}`);
    isFirst = false;
  }

  function advance(): void {
    for (let slot = slots[head]; slot !== undefined; slot = slots[head]) {
      if (slot !== null) put(slot);
      slots[head] = null;
      head += 1;
    }
    if (head >= FORGET_AT) {
      slots = slots.slice(head);
      gone += head;
      head = 0;
    }
    if (done !== undefined && head === slots.length) finish(done);
  }

  function finish(tell: (tree: FinishedTree) => void): void {
    done = undefined;
    if (sameTo >= 0 && before?.text.slice(sameTo) === END) return tell({ same: before.id });
    if (sameTo >= 0) write(before?.text.slice(0, sameTo) ?? '');
    write(END);
    pieces.push(Buffer.from(texts.join(''), 'utf8'));
    const [only] = pieces;
    const plaintext = pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces);
    tell({ same: undefined, plaintext });
  }

  return {
    add: (node) => {
      // Nothing waits before it: most entries never stand in the row.
      if (head === slots.length) put(node);
      else slots.push(node);
    },
    later: () => {
      const number = gone + slots.length;
      slots.push(undefined);
      return (node) => {
        slots[number - gone] = node ?? null;
        if (number === gone + head) advance();
      };
    },
    end: (tell) => {
      done = tell;
      if (head === slots.length) finish(tell);
    },
  };
}
