/** Where is read from: a set at friends', or a folder on a disk that holds a repository. */
export type Source = { readonly name: string } | { readonly from: string };

export function sourceName(source: Source): string {
  return 'name' in source ? source.name : source.from;
}
