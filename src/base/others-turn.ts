/** Long work of one caller is done in pieces: between them the others have their turn. */
export const othersTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
