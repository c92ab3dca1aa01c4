/** Cryptographic randomness, passed in so that tests can say what comes. */
export type RandomBytes = (size: number) => Uint8Array;
