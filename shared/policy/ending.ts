/**
 * What is set for somebody whose plot here is to end with its lease: nothing is renewed, and nothing new is begun,
 * so that the end does not move. On which grounds he came stays, for they are what he has.
 */
export function endingPolicy<P extends { readonly guards: object }>(policy: P) {
  return { ...policy, guards: { ...policy.guards, paused: true, stopRenewing: true } };
}
