// Writes the software bill of materials of what is published, dist/sbom.cdx.json (CycloneDX): the packages that are installed with
// this one, and those of which there is code in dist/node. The same lock file gives the same bytes.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const sbom = ['sbom', '--omit=dev', '--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=library'];
const { npm_execpath: npm } = process.env;
const [command, args] = npm === undefined ? ['npm', sbom] : [process.execPath, [npm, ...sbom]];
const { status, error, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
if (error) throw error;
if (status !== 0) throw new Error(`npm ${sbom.join(' ')}: exit ${status}\n${stderr}`);

const { serialNumber: _, ...bill } = JSON.parse(stdout);
delete bill.metadata.timestamp;
bill.metadata.component.name = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).name;
writeFileSync(join(root, 'dist/sbom.cdx.json'), `${JSON.stringify(bill, null, 2)}\n`);
