import { checkNode } from './node-version.ts';

checkNode();
const { demo } = await import('./demo-main.ts');
process.exitCode = await demo(process.argv.slice(2));
