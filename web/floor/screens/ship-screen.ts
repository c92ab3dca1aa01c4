import { ReceiveScreen } from './receive-screen.ts';

/** Sends goods out, against an expected shipment. */
export class ShipScreen extends ReceiveScreen {
  protected override readonly type = 'shipment';
}
customElements.define('ship-screen', ShipScreen);
