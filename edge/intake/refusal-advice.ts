import type { RefusalReason } from './refusal-log.ts';

/** What a reason means, and what to do, for whoever sets the device up. */
export interface RefusalAdvice {
  readonly cause: string;
  readonly remedy: string;
}

const signers = 'the CAs in mqtt.tls.clientCaFile';

/** One for each reason: the compiler asks for those that are new. */
export const refusalAdvice: Readonly<Record<RefusalReason, RefusalAdvice>> = {
  'unknown-user': {
    cause: 'no device has that user name',
    remedy: 'Set the user name on the device to the one in the configuration.',
  },
  'nothing-shown': {
    cause: 'it showed neither a user name nor a certificate',
    remedy: 'Set user name and password on the device, or put a certificate and its key on it.',
  },
  'wrong-password': {
    cause: 'wrong password',
    remedy: 'Put what the device has into its passwordFile, and apply.',
  },
  'too-many-tries': {
    cause: 'it tried too often with a wrong password',
    remedy: 'Correct it; it gets in within a minute.',
  },
  mqtt5: { cause: 'it speaks MQTT 5', remedy: 'Set it to MQTT 3.1.1.' },
  'no-certificate': {
    cause: 'it showed no certificate',
    remedy: 'Put a certificate and its key on the device, or set requireClientCertificate: false.',
  },
  'certificate-of-nobody': {
    cause: 'its certificate belongs to no device',
    remedy: 'Write its common name or its SHA-256 under mqtt.certificate of the device, and apply.',
  },
  'certificate-unknown-issuer': {
    cause: `its certificate is not signed by ${signers}`,
    remedy: 'Have it signed by one of them, add its issuer, or name its SHA-256 at the device.',
  },
  'certificate-bad-signature': {
    cause: `its certificate names one of ${signers}, which did not sign it`,
    remedy: 'Find out where it comes from: it was changed or forged, or the CA has a new key.',
  },
  'certificate-issuer-not-ca': {
    cause: 'its certificate is signed with one that may not sign others, or not that far down',
    remedy: 'Have it signed by a CA; look at path lengths and key usages of its chain.',
  },
  'certificate-wrong-purpose': {
    cause: 'its certificate, or a CA above it, is not made for clients',
    remedy: 'Have it made anew with the extended key usage clientAuth, or without that extension.',
  },
  'certificate-too-weak': {
    cause: 'its certificate has a key or a hash that can be broken',
    remedy: 'Have it made anew: RSA from 2048 bits or elliptic curves, with SHA-256.',
  },
  'certificate-not-judged': {
    cause: 'its certificate cannot be judged as long as a date in its chain is not right',
    remedy: "Look at the dates of its chain and at this machine's clock.",
  },
  'tls-not-spoken': {
    cause: 'it does not speak TLS, and calls the port of TLS',
    remedy: 'Turn TLS on at the device, or give it the port of plain MQTT.',
  },
  'tls-too-old': {
    cause: 'it speaks no TLS from 1.2 on, or none of its ciphers',
    remedy: 'Update it, or let it speak plain MQTT on a network of its own.',
  },
  'tls-not-trusted': {
    cause: "it does not believe the gateway's certificate",
    remedy: "Put the issuer of the gateway's certificate on the device; look at name and dates.",
  },
  'tls-failed': {
    cause: 'the TLS handshake broke off',
    remedy: 'Look at the network, and at the clock of the device.',
  },
  'subscription-denied': {
    cause: 'it wants to listen to topics that are not its own',
    remedy: 'Let it subscribe below its own topic only; mqtt.topic of the device says where.',
  },
  'topic-denied': {
    cause: 'it publishes to topics that are not its own',
    remedy: 'Let it publish below its own topic, or set mqtt.topic to where its topics begin.',
  },
};
