// Package enhetsregisteret reads the feeds of Enhetsregisteret, the Norwegian
// register of legal entities, and writes a synthetic Norway in the same formats.
//
// Every reader turns a feed into a sequence of fullmakt.RegisterChange, in feed
// order, in memory that does not grow with the feed:
//
//   - ReadBulk reads the three open-data files (enheter, underenheter,
//     roller/totalbestand), each one pretty-printed JSON array;
//   - OpenCCR reads a CCR batch file (baj%05d.txt), which carries identity
//     numbers;
//   - Follower polls the update feeds and fetches what they name. Rehearsal stands
//     in for the register's API where the network is not to be used.
//
// Open and Sniff recognise a file by its content, through gzip and zip. A record
// that cannot be used as a whole is a Reject: it is never half applied, and
// reading goes on behind it. Any other error ends the sequence.
package enhetsregisteret
