import { checkNode } from './node-version.ts';

checkNode();
const { main } = await import('./cli-main.ts');
process.exitCode = await main(process.argv.slice(2));
