import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

const s3 = new S3Client({});

/** Called with the event of an S3 object PUT: puts a small JSON object beside the one it was called for. */
export const handler = async (event) => {
  for (const record of event.Records) {
    const Bucket = record.s3.bucket.name;
    const Key = decodeURIComponent(record.s3.object.key.replaceAll('+', ' '));
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    const text = await Body.transformToString();
    const about = JSON.stringify({ key: Key, lines: text.split('\n').length - 1 });
    console.log(about);
    await s3.send(new PutObjectCommand({ Bucket, Key: `${Key}.count.json`, Body: `${about}\n` }));
  }
};
