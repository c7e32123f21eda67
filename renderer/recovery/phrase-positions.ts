/** Which of the words are asked for: so many different ones, in the order in which they stand. */
export function pickPositions(
  count: number,
  words: number,
  random: (below: number) => number,
): readonly number[] {
  const left = Array.from({ length: words }, (_, index) => index + 1);
  const picked: number[] = [];
  while (picked.length < Math.min(count, words)) {
    const [position] = left.splice(random(left.length), 1);
    if (position !== undefined) picked.push(position);
  }
  return picked.sort((one, other) => one - other);
}
