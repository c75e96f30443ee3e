/** Things that were opened and must be closed, last opened first. */
export type Opened = {
  readonly push: (close: () => Promise<unknown>) => void;
  readonly close: () => Promise<void>;
};

/** Runs `open`; whatever it had opened before a failure is closed again. */
export async function opening<Value>(open: (opened: Opened) => Promise<Value>): Promise<Value> {
  const closes: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const one of closes.splice(0).reverse()) await one();
  };
  try {
    return await open({ push: (one) => closes.push(one), close });
  } catch (error) {
    await close();
    throw error;
  }
}
