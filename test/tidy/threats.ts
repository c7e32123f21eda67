/**
 * What is known to go wrong with programs like this one, and the tests that show it doesn't here. The rows are
 * those of the study that the design rests on (its §10, "Pitfalls and attacks"), by their numbers there. A file
 * is named from `test/`, a test by its whole name.
 */
export type Threat = {
  readonly row: number;
  readonly what: string;
  readonly covered: readonly Covered[];
};

export type Covered = readonly [file: string, test: string, ...tests: string[]];

export const threats: readonly Threat[] = [
  {
    row: 1,
    what: 'a request or a ticket is replayed',
    covered: [
      [
        'integration/accounts.test.ts',
        'is honoured without any word of the keeper, and once',
        'is for one device, one size, one request',
        'is over after five minutes, by the host’s clock',
      ],
      ['core/accounts/account-book.test.ts', 'does not charge the same reservation twice'],
      [
        'integration/bad-input.test.ts',
        'repeated is answered the same; with another body it is a conflict',
      ],
      [
        'core/ledger/ledger.test.ts',
        'refuses the same request id with another body, and keeps ids of different friends apart',
      ],
    ],
  },
  {
    row: 2,
    what: 'a note is spent twice',
    covered: [
      [
        'core/barter/mint/mint.test.ts',
        'the same notes in two requests at once pay for one',
        'a lost answer is asked for again and costs no more',
        'a grant that does not come to the disk has not taken the notes',
      ],
      [
        'core/barter/simulation.test.ts',
        'no unit is ever lost or spent twice, whatever is lost on the way and whoever crashes',
      ],
    ],
  },
  {
    row: 3,
    what: 'a note is lost by a failed upload or a lost reply',
    covered: [
      [
        'core/barter/mint/mint.test.ts',
        'comes once where its first answer is lost',
        'comes once where the mint ends between taking down and answering',
        'a plot that ends unused gives back what it cost; one that was used does not',
      ],
      [
        'core/barter/wallet/wallet.test.ts',
        'is gone where the answer was lost and it was a yes, whenever that is found out',
        'is mine again where the request never came there, and can’t be paid with late',
      ],
      ['integration/notes.test.ts', 'a plot that is never used gives back what it cost'],
    ],
  },
  {
    row: 4,
    what: 'the table of spent notes grows for ever',
    covered: [
      [
        'core/barter/mint/bad-notes.test.ts',
        'what was spent is forgotten only after its keyset is over',
      ],
    ],
  },
  {
    row: 5,
    what: 'an issuer marks people by keys of their own',
    covered: [
      [
        'core/barter/notes.test.ts',
        'is not believed when its maker used another key than the one that is shown',
      ],
      [
        'core/barter/mint/mint-requests.test.ts',
        'the one that was seen first counts, and only what is named by its own hash',
      ],
    ],
  },
  {
    row: 6,
    what: 'more notes are issued than there is room',
    covered: [
      [
        'core/barter/mint/mint.test.ts',
        'no more is given than there is beside what is promised, to the unit',
        'the room that notes keep free is there for whoever brings them, and for nobody else',
      ],
    ],
  },
  {
    row: 7,
    what: 'one person with many keys takes many shares',
    covered: [
      [
        'core/vouchers/voucher.test.ts',
        'only narrows, whatever the figures are: never more bytes, never a later end',
      ],
      [
        'integration/devices.test.ts',
        'that is paired with is the same friend, with the same share and the same plots',
      ],
      ['core/ledger/ledger.test.ts', 'gives new friends the weight of the default policy'],
      [
        'core/vouchers/vouching.test.ts',
        'get together no more than their introducer could have, whatever they ask and in whatever order',
        'that introduce each other get no more than the first of them was given',
      ],
    ],
  },
  {
    row: 8,
    what: 'a newcomer begins again and again',
    covered: [
      [
        'core/ledger/end-all.test.ts',
        'begins anew when he comes back: with the policy of everybody, and nothing of what was',
      ],
      [
        'integration/notices.test.ts',
        'a friend without space is told until the owner has said how much, and the window hears of it',
      ],
      [
        'core/vouchers/vouching.test.ts',
        'is a stranger again once his plot is gone, and can come back',
        'who is blocked gets nothing more, and stays known until it is taken back',
      ],
    ],
  },
  {
    row: 9,
    what: 'the account server is down',
    covered: [
      [
        'integration/accounts.test.ts',
        'says so, and says yes when he is back',
        'says yes to a ticket that the member has fetched, by itself',
        'goes on with renewals through the grace, and not for ever',
        'is not believed, and nothing breaks',
        'by saying nothing at all is as good as away',
      ],
      [
        'core/accounts/simulation.test.ts',
        'never promise more than the plan, never forget what lies there, and agree in the end',
      ],
    ],
  },
  {
    row: 10,
    what: 'the client names an account server',
    covered: [
      ['integration/accounts.test.ts', 'hears that it does not count, and nobody is called'],
      [
        'core/accounts/witness.test.ts',
        'calls nobody for a device that is no keeper’s on the list',
      ],
    ],
  },
  {
    row: 11,
    what: 'clocks are wrong, jump or sleep',
    covered: [
      [
        'core/barter/mint/bad-notes.test.ts',
        'a clock that jumps a year ahead and comes back costs nobody his notes',
      ],
      ['core/service-clock.test.ts', 'does not count a sleep, nor a wall clock that jumps'],
      [
        'core/ledger/ledger.test.ts',
        'runs in service time: an outage of any length costs nobody a lease',
      ],
      [
        'core/ledger/lending.test.ts',
        'lets nothing that was lent go in the first hour, nor while nobody wants it',
      ],
      ['core/parting.test.ts', 'waits for the hour after a start, unless it was somebody’s word'],
      [
        'core/client/holdings/lease-keeper-times.test.ts',
        'is asked for again every hour, also when the clock is put back a year meanwhile',
      ],
      [
        'integration/upkeep.test.ts',
        'that jump a year ahead or back cost nobody a minute of his lease',
        'of a computer that slept for 40 days: the lease stood still, and nothing goes when it wakes',
        'of a guest that were wrong are put right by what the host says',
      ],
    ],
  },
  {
    row: 12,
    what: 'a timer beyond 2^31 ms fires at once',
    covered: [['tidy/timers.test.ts', 'no timer waits for longer than the system can']],
  },
  {
    row: 13,
    what: 'numbers beyond 2^53',
    covered: [
      [
        'integration/threats.test.ts',
        'beyond 2^53 are told and logged to the byte',
        'of the largest size there is overflow nowhere: not in a promise, a wait, a quote or an offer',
      ],
      ['integration/bad-input.test.ts', 'with the size %j is refused in its own words'],
    ],
  },
  {
    row: 14,
    what: 'sizes and durations that are none',
    covered: [
      [
        'integration/bad-input.test.ts',
        'with the size %j is refused in its own words',
        'for %j seconds is refused',
        'for a century gets what the policy allows, never an error',
      ],
    ],
  },
  {
    row: 15,
    what: 'an offset and a length overflow together',
    covered: [
      ['integration/threats.test.ts', '%s are what there is, or nothing'],
      ['core/plots/object-file.test.ts', 'ranges as RFC 9110 has them'],
    ],
  },
  {
    row: 16,
    what: 'room is gone between the look and the write',
    covered: [
      [
        'integration/bad-input.test.ts',
        'a hundred at once for the last bytes: exactly those that fit are granted',
        'a full plot says 507, and its locks, indexes and snapshots still have room',
      ],
      [
        'core/ledger/ledger.test.ts',
        'grants exactly the fitting set of a hundred requests for the last gigabytes',
        'reserve before the first byte and become written when posted',
      ],
      ['core/plots/object-file.test.ts', '%s leaves nothing behind'],
      [
        'integration/threats.test.ts',
        'an upload without a length is refused before a byte of it is kept',
      ],
    ],
  },
  {
    row: 17,
    what: 'others fill the disk',
    covered: [
      [
        'integration/threats.test.ts',
        'refuses what it really has no room for, keeps the grant, and takes it later',
      ],
      [
        'integration/volume.test.ts',
        'a disk that is full refuses with 507, whatever was promised, and leaves nothing behind',
      ],
    ],
  },
  {
    row: 18,
    what: 'more is promised than there is',
    covered: [
      ['shared/policy/decide.test.ts', 'never grants beyond the room (I1) nor beyond the share'],
      ['core/ledger/simulation.test.ts', 'keeps its invariants after every step'],
      [
        'core/ledger/sharing-model.test.ts',
        'is what the reference model says, after every command',
      ],
      [
        'core/ledger/ledger.test.ts',
        'does not promise disk that keepFree holds back, nor the same free byte twice',
      ],
    ],
  },
  {
    row: 19,
    what: 'room is hoarded',
    covered: [
      [
        'core/ledger/lending.test.ts',
        'asks back only as much as is wanted, what ends soonest first',
        'nobody under his share waits longer than a borrowed lease and its grace',
      ],
      ['core/ledger/ledger.test.ts', 'that a crash left behind are listed until settled'],
      ['core/plots/object-file.test.ts', '%s leaves nothing behind'],
      [
        'integration/upkeep.test.ts',
        'use up their own share with what they reserve, and both sides are told',
      ],
    ],
  },
  {
    row: 20,
    what: 'rows by the million',
    covered: [
      [
        'core/barter/orders/order-keeper.test.ts',
        'the same proposal twice is one, another under its name is refused, and a flood is too',
      ],
      [
        'integration/threats.test.ts',
        'of requests is stopped before it is written down, and quotes and renewals stay possible',
        'of plots ends at as many as the policy allows, whatever their size',
      ],
      [
        'core/ledger/lending.test.ts',
        'belongs to the friend who asked, lapses after a day without a question, and there are few',
      ],
      [
        'core/discovery/discovery.test.ts',
        'a flood of names grows nothing, calls few, and hides nobody who has answered',
      ],
    ],
  },
  {
    row: 21,
    what: 'a third party keeps data alive on another’s account',
    covered: [
      ['core/ledger/ledger.test.ts', "knows nothing of other people's plots"],
      ['integration/bad-input.test.ts', 'of somebody else’s plot is not there'],
      [
        'core/ledger/renew-many.test.ts',
        'is whom the owner of a plot has named, until the day he named; to others the plot is not there',
        'renews at the cost and by the rules of whose plot it is',
      ],
      [
        'integration/vouchers.test.ts',
        'reaches his own plot and nothing else: no friend’s plot, no news, no share, no quote',
      ],
    ],
  },
  {
    row: 22,
    what: 'the time of grace costs nothing',
    covered: [
      [
        'core/ledger/ledger.test.ts',
        'goes from active through grace to reclaimable, charged all the way, and a renewal brings it back',
        'in grace takes locks and removals, but no other writes',
      ],
    ],
  },
  {
    row: 23,
    what: 'whoever keeps data throws it away',
    covered: [
      ['core/backup/engine/engine.test.ts', 'what is damaged is named, and the rest comes back'],
      [
        'integration/reciprocity.test.ts',
        'what he lost counts for nothing from the next look on, until it is there again',
        'what he changed counts for nothing',
      ],
    ],
  },
  {
    row: 24,
    what: 'a disk that was unplugged looks like a loss',
    covered: [
      [
        'integration/volume.test.ts',
        'an unplugged drive is not an empty one: 503, never 404, and back again',
      ],
      ['core/service-clock.test.ts', 'stands still while the volume is away'],
    ],
  },
  {
    row: 25,
    what: 'the owner shares less, and that deletes',
    covered: [
      [
        'integration/upkeep.test.ts',
        'ends by notice: told to both, not renewed beyond the date, and taken back by a word',
      ],
      [
        'core/ledger/lending.test.ts',
        'asks back what is lent when the offer shrinks, and takes nothing',
      ],
      ['shared/policy/decide.test.ts', 'passes a pause, so that a pause never costs anybody data'],
      [
        'integration/settings-and-pause.test.ts',
        'refuses what is new, lets the rest go on, and outlives a restart',
      ],
      ['integration/bad-input.test.ts', 'a blocked friend reads what he has, and gets nothing new'],
      [
        'core/ledger/over-share.test.ts',
        'keeps his plots and their renewals meanwhile; only their growth stops',
        'renews it up to the date and not beyond, and deletes nothing before lease and grace are over',
      ],
    ],
  },
  {
    row: 26,
    what: 'what grows passes the quota by',
    covered: [
      ['shared/policy/decide.test.ts', 'charges growth only with the difference it makes'],
      ['core/ledger/ledger.test.ts', 'grows a plot on its own ground and never shortens its lease'],
      [
        'core/ledger/ledger.test.ts',
        'stop at the size for data, but leave the working room to indexes and locks (I2)',
      ],
    ],
  },
  {
    row: 27,
    what: 'what is deleted is not free',
    covered: [
      [
        'core/ledger/ledger.test.ts',
        'stay charged after a removal until the file is off the disk',
        'ends by release, stays charged until its bytes are off the disk, and never comes back',
      ],
      [
        'integration/upkeep.test.ts',
        'is what du says, with a backup there and another plot on its way out',
      ],
      [
        'core/ledger/renew-many.test.ts',
        'lets go of everything else after a week, and of nothing before',
      ],
    ],
  },
  {
    row: 28,
    what: 'a crash between commit and file',
    covered: [
      [
        'integration/kill-nine.test.ts',
        '${KILLS} × kill -9: nothing acknowledged is missing, counters equal the disk',
      ],
      [
        'integration/volume.test.ts',
        'a lost database loses no data: plots are found again on the disk, and none that this device did not make',
      ],
    ],
  },
  {
    row: 29,
    what: 'words of others that do something, and answers that betray something',
    covered: [
      [
        'integration/hostile-refusal.test.ts',
        'a friend who refuses in words of his own is told about in ours, also after a restart',
      ],
      [
        'headless/output.test.ts',
        'shows where somebody’s words would have moved the cursor or turned the line round',
      ],
      [
        'integration/bad-input.test.ts',
        'whoever shows no key, or one that nobody knows, hears one and the same word',
      ],
    ],
  },
  {
    row: 30,
    what: 'a page of the web commands the program',
    covered: [
      [
        'integration/threats.test.ts',
        'hears nobody who calls it by %s, even with the right bearer',
        'hears no page of %s, and tells browsers of no exception',
        'does nothing on a link that is followed, or a form that is sent: it wants a bearer',
      ],
      ['headless/cli.test.ts', 'the control socket is for this user alone'],
    ],
  },
  {
    row: 31,
    what: 'two processes on one store',
    covered: [
      ['integration/two-homes.test.ts', 'a second process on the same home is refused'],
      [
        'integration/threats.test.ts',
        'keep their friends’ plots apart, and neither clears away what is the other’s',
      ],
    ],
  },
  {
    row: 32,
    what: 'two claim to keep for each other what is not there',
    covered: [
      [
        'core/reciprocity/kept-book.test.ts',
        'is what he points at, of his own: others’ plots, and such as are nobody’s, add nothing',
      ],
      [
        'integration/reciprocity.test.ts',
        'plots that he keeps for somebody else, or that are nobody’s, are no claim on Ana',
      ],
    ],
  },
  {
    row: 33,
    what: 'quotes are asked for where requests are limited',
    covered: [['integration/threats.test.ts', 'of quotes counts like one of requests']],
  },
];
