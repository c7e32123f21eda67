import { keepCompiledCode } from './kept-code.ts';
import { checkNode } from './node-version.ts';

checkNode();
keepCompiledCode(process.argv.slice(2));
const { main } = await import('./cli-main.ts');
process.exitCode = await main(process.argv.slice(2));
