import { checkNode } from './node-version.ts';

checkNode();
const { start } = await import('./start-main.ts');
process.exitCode = await start();
