import { describe, expect, it } from 'vitest';
import {
  type TrayFacts,
  type TrayItem,
  trayModel,
  trayModelOrPlain,
} from '../../electron/main/tray-model.ts';
import { friend, job, NOW_MS, notice, offer, owner, request, set, snapshot } from './snapshots.ts';
import { t } from './words.ts';

function factsOf(more: Partial<TrayFacts> = {}): TrayFacts {
  return {
    snapshot: snapshot(),
    isConnected: true,
    doings: [],
    quitWaits: false,
    update: undefined,
    nowMs: NOW_MS,
    ...more,
  };
}
function model(more: Partial<TrayFacts> = {}) {
  return trayModel(factsOf(more), t);
}
const labels = (items: readonly TrayItem[]) =>
  items.map((item) => (item.type === 'separator' ? '-' : item.label));
const actionOf = (items: readonly TrayItem[], label: string) =>
  items.flatMap((item) => (item.type === 'action' && item.label === label ? [item.action] : []))[0];
const paused = snapshot({
  status: { ...snapshot().status, pausedUntilMs: new Date(2026, 2, 15, 6).getTime() },
});
const writes = { kind: 'writes', owner: owner('a'), friend: 'Anna', bytes: '16000000' } as const;

describe('the tray', () => {
  it('offers the restart that brings a newer version, and says when it waits for that', () => {
    const offered = model({ update: { version: '1.2.0', isWished: false } }).items;
    expect(actionOf(offered, 'Restart with version 1.2.0')).toEqual({ do: 'update' });
    const waits = model({ doings: [writes], update: { version: '1.2.0', isWished: true } }).items;
    expect(labels(waits)).toContain('Restarts with version 1.2.0 when nobody is busy');
    const quits = model({ quitWaits: true, update: { version: '1.2.0', isWished: false } }).items;
    expect(labels(quits).join()).not.toContain('1.2.0');
  });

  it('says that all is well, how much is used, a line per friend, and what can be done', () => {
    const friends = [
      friend('Anna', { here: { promisedBytes: '38000000000' } }),
      friend('Ben', { here: { shareBytes: null, promisedBytes: '2000000000' } }),
      friend('Cleo', { here: { shareBytes: '0' } }),
      friend('Dora', { blocked: true }),
      friend('Emil', { departed: true }),
    ];
    const { state, tooltip, items } = model({ snapshot: snapshot({ friends }) });
    expect(state).toBe('idle');
    expect(tooltip).toBe('Allotment: All is well, 41 GB of 100 GB used');
    expect(labels(items)).toEqual([
      'All is well',
      '41 GB of 100 GB used',
      '-',
      'Anna: 38 GB of 50 GB',
      'Ben: 2 GB',
      'Cleo: no space yet',
      'Dora: blocked',
      '-',
      'Open Allotment',
      'Pause sharing',
      'Settings …',
      '-',
      'Quit Allotment',
    ]);
    expect(actionOf(items, 'Anna: 38 GB of 50 GB')).toEqual({
      do: 'open',
      path: `friends/${owner('a')}`,
    });
    expect(actionOf(items, 'Settings …')).toEqual({ do: 'open', path: 'settings' });
  });

  it('offers no pause where nothing is shared', () => {
    const { items } = model({ snapshot: snapshot({ offer: null }) });
    expect(labels(items)).toEqual([
      'Nothing is shared yet',
      '-',
      'Open Allotment',
      'Settings …',
      '-',
      'Quit Allotment',
    ]);
  });

  it('pauses for an hour or until tomorrow, and offers to resume while it is paused', () => {
    const menu = model().items.find((item) => item.type === 'menu');
    expect(menu?.type === 'menu' && labels(menu.items)).toEqual(['For an hour', 'Until tomorrow']);
    const { state, tooltip, items } = model({ snapshot: paused });
    expect(state).toBe('paused');
    expect(tooltip).toMatch(/^Allotment: Paused until 6:00/);
    expect(actionOf(items, 'Resume sharing')).toEqual({ do: 'pause', until: null });
    expect(labels(items)).not.toContain('Pause sharing');
  });

  it('is no longer paused once the time is over, whether or not it was told', () => {
    expect(model({ snapshot: paused, nowMs: new Date(2026, 2, 15, 6).getTime() }).state).toBe(
      'idle',
    );
  });

  it('is busy while somebody is in the middle of something, and says who', () => {
    const { state, items } = model({ doings: [writes] });
    expect(state).toBe('busy');
    expect(labels(items)[0]).toBe('Anna is uploading (16 MB under way)');
  });

  it('wants attention for open warnings and alarms, the alarm first, and leads to its page', () => {
    const notices = [
      notice('friend-away', { path: `friends/${owner('a')}`, params: { friend: 'Anna' } }),
      notice('volume-missing', { path: 'home', params: { folder: '/spare' } }),
      notice('share-fills', { level: 'info' }),
      notice('data-damaged', { dismissed: true }),
    ];
    const { state, tooltip, items } = model({ snapshot: snapshot({ notices }), doings: [writes] });
    expect(state).toBe('attention');
    expect(tooltip).toContain('2 things need you');
    expect(items[0]).toMatchObject({ type: 'action', action: { do: 'open', path: 'home' } });
  });

  it('has yes and no for whoever waits for a word, the longest first, and for nobody else', () => {
    const requests = [
      request('Ben', { loan: true }),
      request('Anna', { sinceMs: NOW_MS - 3_600_000 }),
      request('Cleo', { answered: true }),
      request('Dora', { why: 'queue' }),
    ];
    const { items } = model({ snapshot: snapshot({ requests }) });
    const menus = items.filter((item) => item.type === 'menu');
    expect(labels(menus).slice(0, 2)).toEqual([
      'Anna asks for 20 GB',
      'Ben asks for 20 GB; a loan will do',
    ]);
    const [anna] = menus;
    const inside = anna?.type === 'menu' ? anna.items : [];
    expect(labels(inside)).toEqual(['Yes', 'No', '-', 'Look at it …']);
    const { ticket } = request('Anna');
    expect(actionOf(inside, 'Yes')).toEqual({ do: 'answer', ticket, yes: true });
    expect(actionOf(inside, 'No')).toEqual({ do: 'answer', ticket, yes: false });
    expect(actionOf(inside, 'Look at it …')).toEqual({
      do: 'open',
      path: `friends/${owner('a')}`,
    });
    // What was known before the core went away can't be answered.
    const lost = model({ snapshot: snapshot({ requests }), isConnected: false });
    expect(labels(lost.items)).not.toContain('Anna asks for 20 GB');
  });

  it('leads to the window where more wait than a menu can hold', () => {
    const requests = ['A', 'B', 'C', 'D', 'E', 'F'].map((name) => request(name));
    const { items } = model({ snapshot: snapshot({ requests }) });
    expect(labels(items).filter((label) => label.includes('asks for'))).toHaveLength(4);
    expect(actionOf(items, '2 more requests …')).toEqual({ do: 'open', path: 'home' });
  });

  it('stays calm about notices that only inform', () => {
    const notices = [notice('share-fills', { level: 'info' })];
    expect(model({ snapshot: snapshot({ notices }) }).state).toBe('idle');
  });

  it('says that it starts, and that it starts again after the core was lost', () => {
    expect(labels(model({ snapshot: undefined, isConnected: false }).items)[0]).toBe('Starting …');
    const lost = model({ isConnected: false });
    expect(lost.state).toBe('attention');
    expect(lost.tooltip).toContain('starting again');
    expect(labels(lost.items)).not.toContain('Pause sharing');
  });

  it('says for whom it waits before it quits, and lets that be undone', () => {
    const { tooltip, items } = model({ doings: [writes], quitWaits: true });
    expect(tooltip).toContain('Quits when this is done: Anna is uploading (16 MB under way)');
    expect(actionOf(items, 'Keep running')).toEqual({ do: 'stay' });
    expect(actionOf(items, 'Quit now')).toEqual({ do: 'quit-now' });
  });

  it('can be opened and quit also where its words can’t be said', () => {
    const troubles: unknown[] = [];
    const facts = factsOf({ doings: [writes] });
    const broken: typeof t = (key, params) => {
      if (params !== undefined) throw new Error('no such word');
      return t(key);
    };
    const { items, state } = trayModelOrPlain(facts, broken, (error) => troubles.push(error));
    expect(state).toBe('attention');
    expect(actionOf(items, 'Open Allotment')).toEqual({ do: 'open', path: undefined });
    expect(actionOf(items, 'Quit Allotment')).toEqual({ do: 'quit' });
    expect(troubles).toHaveLength(1);
    expect(trayModelOrPlain(facts, t, (error) => troubles.push(error))).toEqual(
      model({ doings: [writes] }),
    );
    expect(troubles).toHaveLength(1);
  });

  it('lists no more friends than a menu can bear', () => {
    const friends = Array.from({ length: 30 }, (_, i) => friend(`Friend ${i}`));
    const { items } = model({ snapshot: snapshot({ friends }) });
    expect(actionOf(items, '18 more friends …')).toEqual({ do: 'open', path: 'friends' });
  });

  it('shows hostile names as short, inert text, and no tooltip longer than Windows bears', () => {
    const name = `${'👩‍👩‍👧‍👧'.repeat(40)}\u202eevil\n<img src=x>${'x'.repeat(10_000)}`;
    const notices = [notice('friend-away', { params: { friend: name } })];
    const { tooltip, items } = model({
      snapshot: snapshot({ friends: [friend(name)], notices, offer }),
    });
    for (const text of [tooltip, ...labels(items)]) {
      expect(text.length).toBeLessThan(700);
      expect(text).not.toMatch(/[\u202e\n]/);
    }
    expect(tooltip.length).toBeLessThanOrEqual(127);
  });
});

describe('the files of whoever looks at the tray', () => {
  const linesOf = (...sets: readonly ReturnType<typeof set>[]) =>
    labels(model({ snapshot: snapshot({ sets }) }).items).slice(0, 2);

  it('are as safe as the set that is worst off', () => {
    expect(linesOf(set('a'))).toEqual(['All is well', 'Your files are safe']);
    expect(linesOf(set('a'), set('b', { safety: 'catching-up' }))).toEqual([
      'All is well',
      'Copies of your files are catching up',
    ]);
  });

  it('that are not safe are not called well, and lead to the backups', () => {
    const at = (safety: 'stale' | 'at-risk') =>
      model({ snapshot: snapshot({ sets: [set('a', { safety })] }) });
    expect(at('stale').tooltip).toContain('A backup is late');
    const { items, tooltip } = at('at-risk');
    expect(tooltip).toContain('Not all of your files are safe');
    expect(
      labels(items).filter((label) => label === 'Not all of your files are safe'),
    ).toHaveLength(1);
  });

  it('that are being backed up are that', () => {
    const running = snapshot({
      sets: [set('a')],
      jobs: [job({ kind: 'backup', set: 'a', state: 'running' })],
    });
    expect(labels(model({ snapshot: running }).items)).toContain('A backup is under way');
  });
});
