/**
 * What others call themselves is shown everywhere and trusted nowhere. A name can hold whatever
 * Unicode has: letters that turn the rest of a line round, invisible ones, a hundred accents on one
 * letter, ten thousand characters. Shown is a short line that can do nothing to what stands around it.
 */
export function shortName(name: string, max = 24): string {
  if (name.length <= LOOKED_AT_CHARS && PLAIN.test(name))
    return name.length > max ? `${name.slice(0, max - 1).trimEnd()}…` : name;
  const tame = harmless(name.slice(0, LOOKED_AT_CHARS).replace(WHITE_SPACE, ' '));
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

/**
 * A name inside a sentence. Hebrew or Arabic letters would draw the figures that follow them to the
 * wrong side; an isolate around the name keeps to itself what it does to the order.
 */
export function nameInSentence(name: string, max = 24): string {
  return isolated(shortName(name, max));
}

/** Several names in one word of a sentence, as a set with several copies has them. */
export function shortNames(names: string, max = 24): string {
  const all = names.split(', ');
  const few = all.slice(0, NAMES_MAX).map((name) => nameInSentence(name, max));
  return [...few, ...(all.length > NAMES_MAX ? ['…'] : [])].join(', ');
}

/** Any other text inside a sentence, such as a path: as it is, but for what could do something to the line. */
export function tameText(text: string, max: number): string {
  const tame = harmless(text.slice(0, max + 1).replace(LINE_BREAKS, ' '));
  return isolated(tame.length > max ? `${tame.slice(0, max - 1).replace(HALF, '')}…` : tame);
}

function harmless(text: string): string {
  return text
    .replace(INVISIBLE, '')
    .normalize('NFC')
    .replace(MARKS_ON_NOTHING, '$1')
    .replace(MARKS_TOO_MANY, '$1');
}

/** Other texts stay as they are, so that they can be searched for and copied. */
function isolated(text: string): string {
  return RIGHT_TO_LEFT.test(text) ? `\u2068${text}\u2069` : text;
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
 * Letters of Western Europe with single blanks between them, each a letter for the eye: most names, and thousands of them are
 * drawn again with every change. Taking them apart would be most of that work.
 */
const PLAIN = /^[!-~¡-¬®-ÿ]+(?: [!-~¡-¬®-ÿ]+)*$/;
const LINE_BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
/** The first half of a character whose second half was cut off. */
const HALF = /[\uD800-\uDBFF]$/;
/** Every block whose letters run from right to left. */
const RIGHT_TO_LEFT =
  /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFE\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;
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
