/**
 * What others call themselves is shown everywhere and trusted nowhere. A name can hold whatever
 * Unicode has: letters that turn the rest of a line round, invisible ones, a hundred accents on one
 * letter, ten thousand characters. Shown is a short line that can do nothing to what stands around it.
 */
export function shortName(name: string, max = 24): string {
  const tame = name
    .slice(0, LOOKED_AT_CHARS)
    .replace(WHITE_SPACE, ' ')
    .replace(INVISIBLE, '')
    .normalize('NFC')
    .replace(MARKS_ON_NOTHING, '$1')
    .replace(MARKS_TOO_MANY, '$1');
  // What one draws as a single letter can still be a chain of hundreds.
  const letters = lettersOf(tame).filter((letter) => letter.length <= LETTER_CHARS_MAX);
  const whole = lettersOf(letters.join('').replace(WHITE_SPACE, ' ').trim());
  const short =
    whole.length > max
      ? `${whole
          .slice(0, max - 1)
          .join('')
          .trimEnd()}…`
      : whole.join('');
  return short === '' ? '?' : short;
}

/** Several names in one word of a sentence, as a set with several copies has them. */
export function shortNames(names: string, max = 24): string {
  const all = names.split(', ');
  const few = all.slice(0, NAMES_MAX).map((name) => shortName(name, max));
  return [...few, ...(all.length > NAMES_MAX ? ['…'] : [])].join(', ');
}

/** Far more than is ever shown; the rest would only cost time. */
const LOOKED_AT_CHARS = 1024;
/** A family of four in their own skin colours takes 19. */
const LETTER_CHARS_MAX = 32;
const NAMES_MAX = 4;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

function lettersOf(text: string): readonly string[] {
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}

const WHITE_SPACE = /\s+/gu;
/**
 * Control characters, overrides and isolates of the writing direction, zero-width characters, halves
 * of characters, blanks that pass for letters. What joins emoji to one picture stays, but only there.
 */
const INVISIBLE =
  /(?!\u200D|\uFE0F)[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\u2800]|(?<!\p{Extended_Pictographic}[\u{1F3FB}-\u{1F3FF}]?\uFE0F?)\u200D|\u200D(?!\p{Extended_Pictographic})|(?<!\p{Emoji})\uFE0F/gu;
/** They would sit on whatever stands before the name. */
const MARKS_ON_NOTHING = /(^|\s)\p{M}+/gu;
/** No language stacks more; more of them run over the lines above and below. */
const MARKS_TOO_MANY = /(\p{M}{4})\p{M}+/gu;
