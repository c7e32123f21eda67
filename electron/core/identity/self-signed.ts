// The certificate library's dependency injection needs the polyfill to be there first.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { X509CertificateGenerator } from '@peculiar/x509';

/**
 * The certificate of a device, in a file of its own because what makes it is two hundred modules: they are loaded once in a
 * device's life, and by neither of its threads when it starts.
 */
export const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

type Keys = Parameters<typeof X509CertificateGenerator.createSelfSigned>[0]['keys'];

export async function makeSelfSigned(keys: Keys): Promise<string> {
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: '01',
      name: 'CN=Allotment',
      notBefore: new Date('2020-01-01T00:00:00Z'),
      notAfter: new Date('2099-12-31T00:00:00Z'),
      signingAlgorithm: ALGORITHM,
      keys,
    },
    webcrypto,
  );
  return certificate.toString('pem');
}
