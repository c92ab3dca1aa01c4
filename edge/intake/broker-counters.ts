/** What the broker turned away or broke off since its start. */
export function newCounters() {
  return {
    signInsRefused: 0,
    /** Refused without a look at the password: too many had failed. */
    signInsLimited: 0,
    mqtt5Refused: 0,
    unavailable: 0,
    framesCut: 0,
    protocolFaults: 0,
    /** Connections closed because the device did not read what was sent to it. */
    notRead: 0,
    connectionsRefused: 0,
    /** Connections closed because an acknowledgement was held for too long. */
    heldClosed: 0,
  };
}
