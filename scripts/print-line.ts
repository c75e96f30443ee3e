/** One JSON object a line on stdout: what a machine reads of a script. */
export function printLine(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
