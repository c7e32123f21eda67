import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Whether something is known against what the app is made of. What is accepted all the same stands here, with the reason
 * and a date after which nobody may rest on it any more.
 */
const ACCEPTED = [
  // { advisory: 'GHSA-xxxx-xxxx-xxxx', until: '2027-01-31', why: 'only reached by …, which we do not call' },
];
const GRAVE = new Set(['high', 'critical']);
/** In every package, though package.json has them among what only development needs. */
const IN_PACKAGES = new Set(['node_modules/electron', 'node_modules/node']);

/**
 * What `npm audit --json` has said, judged: `asked` is false where it has no answer, and then nothing is known.
 * Anything grave that is not accepted today stands in `grave`; `isShipped` says which places people get something of.
 */
export function judgeAudit(text, { accepted = ACCEPTED, today, isShipped }) {
  const report = parse(text);
  if (report?.vulnerabilities === undefined || report.error !== undefined)
    return {
      asked: false,
      why: String(report?.message ?? 'no answer that can be read'),
      grave: [],
    };
  const valid = new Set(
    accepted.filter(({ until }) => today <= until).map((each) => each.advisory),
  );
  // What stands there as a word only hands on what another package has.
  const advisories = Object.values(report.vulnerabilities)
    .filter(({ nodes }) => nodes.some(isShipped))
    .flatMap(({ via }) =>
      via.filter((each) => typeof each === 'object' && GRAVE.has(each.severity)),
    );
  const grave = advisories
    .map(({ name, title, url }) => ({ advisory: url.split('/').at(-1), name, title }))
    .filter(({ advisory }) => !valid.has(advisory));
  const lapsed = accepted.filter(({ until }) => today > until).map(({ advisory }) => advisory);
  return { asked: true, grave, lapsed };
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** By the lock file: whether people get what lies there. */
export function shippedBy(lock) {
  return (path) => lock.packages[path]?.dev !== true || IN_PACKAGES.has(path);
}

/** True unless something grave is known. A registry that can't be asked is said loudly, and stops nobody but a release. */
export function audit({ root, say, isRelease, ask = askNpm }) {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const today = new Date().toISOString().slice(0, 10);
  const found = judgeAudit(ask(root), { today, isShipped: shippedBy(lock) });
  if (!found.asked) {
    say(`NOT ASKED: what is known against the packages that the app is made of (${found.why}).`);
    return !isRelease;
  }
  for (const advisory of found.lapsed)
    say(`audit: ${advisory} was accepted until a day that is over.`);
  for (const { advisory, name, title } of found.grave)
    say(`audit: ${name}: ${title} (${advisory})`);
  return found.grave.length === 0;
}

function askNpm(root) {
  const asked = spawnSync('npm', ['audit', '--json'], {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    timeout: 60_000,
  });
  return asked.stdout ?? '';
}
