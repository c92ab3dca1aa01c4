/** One difference between the world, the gateways and the hub. */
export interface Finding {
  readonly kind: 'lost' | 'doubled' | 'chain' | 'gap' | 'quarantined' | 'silent';
  readonly what: string;
}
