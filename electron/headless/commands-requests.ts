import type { RequestView } from '../../shared/contract/views.ts';
import { type Fault, fault } from '../../shared/fault.ts';
import { failed, ok, type Result } from '../../shared/result.ts';
import type { Translate } from '../../shared/words/say.ts';
import { badArguments, type Command, type CommandContext, type Outcome } from './command.ts';
import { dateTime, left, plainText, size, table } from './output.ts';
import { whoseIsMeant } from './whose-is-meant.ts';

/** Commands about what is neither granted nor refused yet: friends' requests here, mine at theirs. */
export const requestCommands: Readonly<Record<string, Command>> = {
  requests: {
    usage: 'requests',
    help: 'what friends asked for and what waits: for your word, or for lent room to come back',
    words: [0, 0],
    run: async ({ call, t }) => {
      const requests = await call('requests.list', {});
      if (!requests.ok) return requests;
      const rows = requests.value.map((each) => [
        each.ticket,
        each.friend,
        each.loan ? `${size(each.sizeBytes)}, or lent` : size(each.sizeBytes),
        left(each.durationS),
        stateOf(each, t),
        dateTime(each.sinceMs),
        each.purpose ?? '',
      ]);
      const head = ['request', 'friend', 'size', 'for', 'waits for', 'since', 'says'];
      return ok({
        value: requests.value,
        text: rows.length === 0 ? 'Nobody waits.' : table(head, rows),
      });
    },
  },
  'requests yes': {
    usage: 'requests yes REQUEST|FRIEND',
    help: 'say yes to a request that waits for your word',
    words: [1, 1],
    run: (context) => answer(context, true),
  },
  'requests no': {
    usage: 'requests no REQUEST|FRIEND',
    help: 'say no; for a week that holds for as much and for more',
    words: [1, 1],
    run: (context) => answer(context, false),
  },
  wishes: {
    usage: 'wishes',
    help: 'what you asked friends for and what waits there',
    words: [0, 0],
    run: async ({ call, t }) => {
      const wishes = await call('wishes.list', {});
      if (!wishes.ok) return wishes;
      const rows = wishes.value.map((wish) => [
        wish.ticket,
        wish.friend,
        size(wish.sizeBytes),
        left(wish.durationS),
        t(`waits-for.${wish.why}`),
        dateTime(wish.sinceMs),
        wish.set ?? '',
      ]);
      const head = ['wish', 'at', 'size', 'for', 'waits for', 'since', 'set'];
      return ok({
        value: wishes.value,
        text: rows.length === 0 ? 'You wait for nobody.' : table(head, rows),
      });
    },
  },
  'wishes withdraw': {
    usage: 'wishes withdraw WISH',
    help: 'you want it no longer',
    words: [1, 1],
    run: async ({ call, words: [ticket = ''] }) => {
      const withdrawn = await call('wishes.withdraw', { ticket });
      if (!withdrawn.ok) return withdrawn;
      if (!withdrawn.value.withdrawn) return failed(fault('request-unknown'));
      return ok({ value: withdrawn.value, text: 'Withdrawn.' });
    },
  },
};

function stateOf({ why, answered }: RequestView, t: Translate): string {
  // Whoever reads this is the owner whose word it is.
  if (answered === null) return t(`waits-for.${why === 'owner-approval' ? 'own-word' : why}`);
  return t(answered ? 'waits-for.hears-yes' : 'waits-for.hears-no');
}

async function answer(
  { call, words: [whose = ''] }: CommandContext,
  yes: boolean,
): Promise<Result<Outcome, Fault>> {
  const requests = await call('requests.list', {});
  if (!requests.ok) return requests;
  const asked = requests.value.filter(({ why }) => why === 'owner-approval');
  const found = whoseIsMeant(asked, whose, ({ ticket, owner, friend }) => ({
    id: ticket,
    owner,
    name: friend,
  }));
  const [request, ...others] = found;
  if (request === undefined) return failed(fault('request-unknown'));
  if (others.length > 0)
    return badArguments(
      `there are several of ${plainText(request.friend)}’s; name one: ${found.map(({ ticket }) => ticket).join(', ')}`,
    );
  const { ticket } = request;
  const answered = await call('requests.answer', { ticket, yes });
  if (!answered.ok) return answered;
  const said = `${plainText(request.friend)} hears your ${yes ? 'yes' : 'no'} to ${size(request.sizeBytes)} with the next question.`;
  return ok({ value: { ticket, yes }, text: said });
}
