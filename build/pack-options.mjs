/**
 * What a package is told about newer versions and signatures, by the environment of whoever packs it.
 * Without these variables a package knows of no place to look for newer ones, and says so.
 *
 * ALLOTMENT_UPDATES_FROM=OWNER/REPOSITORY  the releases of that GitHub repository are where newer ones are
 * ALLOTMENT_SIGNED=1                       it is signed, or packing fails; only then does it take newer ones by itself
 */
export function packOptions(env) {
  const options = [];
  const from = env.ALLOTMENT_UPDATES_FROM ?? '';
  if (from !== '') {
    const [, owner, repo] = /^([\w.-]+)\/([\w.-]+)$/.exec(from) ?? [];
    if (owner === undefined)
      throw new Error(`ALLOTMENT_UPDATES_FROM is not OWNER/REPOSITORY: ${from}`);
    options.push(
      '-c.publish.provider=github',
      `-c.publish.owner=${owner}`,
      `-c.publish.repo=${repo}`,
      `-c.extraMetadata.homepage=https://github.com/${owner}/${repo}`,
    );
  }
  if (env.ALLOTMENT_SIGNED === '1')
    options.push('-c.forceCodeSigning=true', '-c.extraMetadata.isSigned=true');
  // A seal of nobody's: enough for Apple's processors, and the hardened runtime would not load our libraries with it.
  else options.push('-c.mac.identity=-', '-c.mac.hardenedRuntime=false');
  return options;
}
