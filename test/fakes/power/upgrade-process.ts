import { writeSync } from 'node:fs';
import { openDatabase } from '../../../electron/core/database/open-database.ts';

/** Opens a database, which brings it to the newest schema: `node upgrade-process.ts FILE`. */
const opened = openDatabase(process.argv[2] ?? '');
if (!opened.ok) throw new Error(opened.fault.code);
writeSync(1, 'migrated\n');
opened.value.close();
