import { keepCompiledCode } from './kept-code.ts';
import { checkNode } from './node-version.ts';

checkNode();
keepCompiledCode(process.argv.slice(2));
const { start } = await import('./start-main.ts');
process.exitCode = await start();
