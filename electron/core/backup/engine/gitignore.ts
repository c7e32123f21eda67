/**
 * gitignore's pattern language (git's Documentation/gitignore.txt), because people know it. Compiled to steps that
 * are matched without backtracking beyond the latest star: no pattern, however odd, takes longer than its length
 * times that of the path.
 *
 * Two differences from git: `?` and `[…]` mean a character, not a byte, and on systems whose names have no case the
 * patterns have none either (git there asks its own settings).
 */
export type IgnoreRules = {
  /** Does any rule decide about this entry? `true`: out; `false`: named by `!` and in; undefined: none says anything. */
  readonly decide: (entry: RelativePath) => boolean | undefined;
};

/** An entry below the folder that the patterns are relative to. */
export type RelativePath = {
  readonly name: string;
  readonly isFolder: boolean;
  /** The names from the folder down to this entry, itself included. Asked for only if a pattern has a slash. */
  readonly names: () => readonly string[];
};

/** One step of a pattern for a name. */
type Step =
  | { readonly kind: 'character'; readonly text: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'star' }
  | { readonly kind: 'class'; readonly has: (character: string) => boolean };

/** A pattern for one name: plain text where it is no more than that. */
type NamePattern = string | readonly Step[];

/** `**`: any number of folders. */
const ANY_FOLDERS = Symbol('**');
type PathPattern = readonly (NamePattern | typeof ANY_FOLDERS)[];

type Rule = {
  readonly isKept: boolean;
  readonly foldersOnly: boolean;
  readonly name: NamePattern | undefined;
  readonly path: PathPattern | undefined;
};

export function compileIgnore(
  patterns: readonly string[],
  { ignoreCase = false }: { readonly ignoreCase?: boolean } = {},
): IgnoreRules {
  const fold = (text: string) => (ignoreCase ? text.toLowerCase() : text);
  // The last that matches decides, so the last is asked first.
  const rules = patterns.flatMap((pattern) => parseRule(fold(pattern)) ?? []).reverse();
  return {
    decide: ({ name, isFolder, names }) => {
      if (rules.length === 0) return undefined;
      const folded = fold(name);
      let path: readonly string[] | undefined;
      for (const rule of rules) {
        if (rule.foldersOnly && !isFolder) continue;
        if (rule.name !== undefined) {
          if (matchesName(rule.name, folded)) return !rule.isKept;
          continue;
        }
        path ??= names().map(fold);
        if (matchesPath(rule.path ?? [], path)) return !rule.isKept;
      }
      return undefined;
    },
  };
}

/** `undefined`: an empty line, a comment, or a pattern that can match nothing. */
function parseRule(line: string): Rule | undefined {
  if (line.startsWith('#')) return undefined;
  const text = withoutTrailingBlanks(line);
  const isKept = text.startsWith('!');
  let pattern = isKept ? text.slice(1) : text;
  const foldersOnly = pattern.endsWith('/');
  if (foldersOnly) pattern = pattern.slice(0, -1);
  if (pattern === '') return undefined;
  if (!pattern.includes('/')) {
    const steps = parseSteps(pattern);
    const [name] = steps ?? [];
    return name === undefined
      ? undefined
      : { isKept, foldersOnly, name: plain(name), path: undefined };
  }
  const steps = parseSteps(pattern.startsWith('/') ? pattern.slice(1) : pattern);
  if (steps === undefined) return undefined;
  return { isKept, foldersOnly, name: undefined, path: steps.map(toPathStep) };
}

/** Blanks at the end do not count, unless the last is escaped. */
function withoutTrailingBlanks(line: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === ' ' && !isEscaped(line, end - 1)) end -= 1;
  return line.slice(0, end);
}

function isEscaped(line: string, at: number): boolean {
  let strokes = 0;
  while (line[at - 1 - strokes] === '\\') strokes += 1;
  return strokes % 2 === 1;
}

/** The steps of each name of the path. `undefined`: what is begun is not ended, which matches nothing. */
function parseSteps(pattern: string): Step[][] | undefined {
  const names: Step[][] = [];
  let steps: Step[] = [];
  for (let at = 0; at < pattern.length; ) {
    const character = characterAt(pattern, at);
    if (character === '[') {
      const set = parseClass(pattern, at);
      if (set === undefined) return undefined;
      steps.push({ kind: 'class', has: set.has });
      at = set.end;
      continue;
    }
    at += character.length;
    if (character === '\\') {
      const escaped = characterAt(pattern, at);
      if (escaped === '') return undefined;
      at += escaped.length;
      if (escaped === '/') {
        names.push(steps);
        steps = [];
      } else steps.push({ kind: 'character', text: escaped });
    } else if (character === '/') {
      names.push(steps);
      steps = [];
    } else if (character === '*') steps.push({ kind: 'star' });
    else if (character === '?') steps.push({ kind: 'any' });
    else steps.push({ kind: 'character', text: character });
  }
  names.push(steps);
  return names;
}

function toPathStep(steps: readonly Step[]): NamePattern | typeof ANY_FOLDERS {
  const isAnyFolders = steps.length >= 2 && steps.every(({ kind }) => kind === 'star');
  return isAnyFolders ? ANY_FOLDERS : plain(steps);
}

function plain(steps: readonly Step[]): NamePattern {
  let text = '';
  for (const step of steps) {
    if (step.kind !== 'character') return steps;
    text += step.text;
  }
  return text;
}

const POSIX_CLASSES: Readonly<Record<string, RegExp>> = {
  alnum: /[a-z0-9]/i,
  alpha: /[a-z]/i,
  blank: /[ \t]/,
  cntrl: /\p{Cc}/u,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /\s/,
  upper: /[A-Z]/,
  xdigit: /[0-9a-f]/i,
};

type CharacterSet = { readonly has: (character: string) => boolean; readonly end: number };

/** `[a-z]`, `[!a-z]`, `[[:digit:]_]`, `[]x]`; a slash is in none of them. */
function parseClass(pattern: string, start: number): CharacterSet | undefined {
  let at = start + 1;
  const isNegated = pattern[at] === '!' || pattern[at] === '^';
  if (isNegated) at += 1;
  const tests: ((code: number, character: string) => boolean)[] = [];
  for (let isFirst = true; isFirst || pattern[at] !== ']'; isFirst = false) {
    if (at >= pattern.length) return undefined;
    const posix = /^\[:([^\]:]*):\]/.exec(pattern.slice(at, at + 16));
    if (posix !== null) {
      const known = POSIX_CLASSES[posix[1] ?? ''];
      if (known === undefined) return undefined;
      tests.push((_, character) => known.test(character));
      at += posix[0].length;
      continue;
    }
    const from = memberAt(pattern, at);
    if (from === undefined) return undefined;
    at = from.end;
    const isRange = pattern[at] === '-' && at + 1 < pattern.length && pattern[at + 1] !== ']';
    const to = isRange ? memberAt(pattern, at + 1) : from;
    if (to === undefined) return undefined;
    at = to.end;
    // The first by itself too: in git a range the wrong way round still has it.
    tests.push((code) => code === from.code || (code >= from.code && code <= to.code));
  }
  return {
    end: at + 1,
    has: (character) => {
      const code = character.codePointAt(0) ?? 0;
      return tests.some((test) => test(code, character)) !== isNegated;
    },
  };
}

function memberAt(
  pattern: string,
  start: number,
): { readonly code: number; readonly end: number } | undefined {
  const at = pattern[start] === '\\' ? start + 1 : start;
  const code = pattern.codePointAt(at);
  return code === undefined ? undefined : { code, end: at + String.fromCodePoint(code).length };
}

function characterAt(text: string, at: number): string {
  const code = text.codePointAt(at);
  return code === undefined ? '' : String.fromCodePoint(code);
}

/** Whatever a star took too little of, only the latest star need take more. */
function matchesName(pattern: NamePattern, name: string): boolean {
  if (typeof pattern === 'string') return pattern === name;
  let [step, at, star, starAt] = [0, 0, -1, 0];
  while (at < name.length || step < pattern.length) {
    const current = pattern[step];
    if (current?.kind === 'star') {
      star = step;
      starAt = at;
      step += 1;
      continue;
    }
    const character = characterAt(name, at);
    if (current !== undefined && character !== '' && fits(current, character)) {
      step += 1;
      at += character.length;
      continue;
    }
    if (star < 0 || starAt >= name.length) return false;
    starAt += characterAt(name, starAt).length;
    at = starAt;
    step = star + 1;
  }
  return true;
}

function fits(step: Step, character: string): boolean {
  if (step.kind === 'character') return step.text === character;
  return step.kind === 'class' ? step.has(character) : true;
}

/** The same a level higher. `**` at the end wants something below; elsewhere it may stand for nothing. */
function matchesPath(pattern: PathPattern, names: readonly string[]): boolean {
  let [step, at, star, starAt] = [0, 0, -1, 0];
  while (at < names.length || step < pattern.length) {
    const current = pattern[step];
    const name = names[at];
    if (current === ANY_FOLDERS) {
      if (step === pattern.length - 1) return name !== undefined;
      star = step;
      starAt = at;
      step += 1;
    } else if (current !== undefined && name !== undefined && matchesName(current, name)) {
      step += 1;
      at += 1;
    } else {
      if (star < 0 || starAt >= names.length) return false;
      starAt += 1;
      at = starAt;
      step = star + 1;
    }
  }
  return true;
}
