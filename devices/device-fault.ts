/**
 * What keeps a device, or a part of it, from being read, as its driver found it out. `code` is for
 * machines, `subject` the part that is meant (a tag, a certificate) if not the whole device.
 */
export type DeviceFault = {
  /** Lower-case words joined by dashes. */
  readonly code: string;
  readonly subject?: string;
  /** What is wrong and what to do, for a person; at most 500 characters. */
  readonly text: string;
};

export const maxFaultText = 500;
/** So many of one device at most; the last then stands for all further ones. */
export const maxDeviceFaults = 20;
