/** The event of an S3 object PUT (Amazon S3 User Guide, "Event message structure", version 2.1). */
export function s3Event(object: { key: string; bytes: number; at: string }, bucket: string) {
  return {
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: 'us-east-1',
        eventTime: object.at,
        eventName: 'ObjectCreated:Put',
        userIdentity: { principalId: 'waybill' },
        requestParameters: { sourceIPAddress: '127.0.0.1' },
        responseElements: {},
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: 'waybill',
          bucket: {
            name: bucket,
            ownerIdentity: { principalId: 'waybill' },
            arn: `arn:aws:s3:::${bucket}`,
          },
          // Keys in events are URL-encoded, blanks as plus signs.
          object: {
            key: encodeURIComponent(object.key).replaceAll('%2F', '/').replaceAll('%20', '+'),
            size: object.bytes,
            sequencer: '0',
          },
        },
      },
    ],
  };
}

/** The bucket that a function sees its object in. */
export const SITE_BUCKET = 'site';
