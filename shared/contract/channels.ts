/**
 * The names and kinds of everything a door can ask. Literals only, no imports: the preload and the
 * renderer use this table without the schemas.
 */
export const channels = {
  'state.snapshot': 'query',
  'status.get': 'query',
  'offer.set': 'command',
  'friends.list': 'query',
  'friends.rename': 'command',
  'friends.block': 'command',
  'friends.unblock': 'command',
  'pairings.list': 'query',
  'pairings.start': 'command',
  'pairings.confirm': 'command',
  'pairings.reject': 'command',
  'policy.get': 'query',
  'policy.set': 'command',
  'policy.try': 'query',
  'allocations.ask': 'command',
  'allocations.quote': 'query',
  'plots.hosted': 'query',
  'plots.mine': 'query',
  'plots.renew': 'command',
  'plots.release': 'command',
  'plots.reclaim': 'command',
  'decisions.list': 'query',
  'sets.list': 'query',
  'sets.create': 'command',
  'sets.run': 'command',
  'sets.restore': 'command',
  'sets.check': 'command',
  'sets.snapshots': 'query',
  'jobs.get': 'query',
  'jobs.cancel': 'command',
  'gateway.open': 'command',
  'folders.list': 'query',
  'phrase.show': 'query',
  'phrase.check': 'command',
} as const;

export type ChannelName = keyof typeof channels;
