/** `1 batch`, `2 batches`: what English makes of a count, as `count` writes it. */
export function counted(count: string, one: string, many: string): string {
  return `${count} ${count === "1" ? one : many}`;
}
