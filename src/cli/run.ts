/** What a command has found out: for people, and for machines. */
export type Answer = { readonly text: string; readonly data: unknown };

/** Runs a deed on what a command works with, and writes its answer. */
export type Run<Desk> = (deed: (desk: Desk) => Promise<Answer>) => Promise<void>;
