type Catalogue = Readonly<Record<string, unknown>>;

/** What all doors say, and what one of them says besides: a section may have a part in each. */
export function mergeCatalogues(common: Catalogue, own: Catalogue): Catalogue {
  const both = Object.entries(own).map(([section, words]) => {
    const shared = common[section];
    return [section, isSection(words) && isSection(shared) ? { ...shared, ...words } : words];
  });
  return { ...common, ...Object.fromEntries(both) };
}

function isSection(words: unknown): words is Catalogue {
  return typeof words === 'object' && words !== null;
}
