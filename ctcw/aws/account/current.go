package account

import (
	"cmp"
	"context"
	"errors"
	"hash/maphash"
	"os"
	"reflect"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
)

// Current reports whether a connection opened now would be like this one: AWS's files say the same of its profile, and
// its credentials were not refused. The AWS SDK reads those files once, and believes credentials until they say
// themselves that they have expired; whoever signs in anew is to be heard all the same.
func (c *Connection) Current(ctx context.Context) bool {
	if c.refused.Load() {
		return false
	}
	env, err := awsconfig.NewEnvConfig()
	if err != nil {
		return false // opening it says why
	}
	files := filesIn(env).sum()
	if files == c.files.Load() {
		return true
	}
	// Other profiles may change without a connection losing what it knows. To find out takes a while with a thousand
	// profiles in a file, and there may be a thousand connections.
	profile, err := c.config.profileOf(ctx, env)
	if err != nil || !reflect.DeepEqual(profile, c.profile) {
		return false
	}
	c.files.Store(files)
	return true
}

// files are AWS's configuration and credentials file.
type files [2]string

func filesIn(env awsconfig.EnvConfig) files {
	return files{
		cmp.Or(env.SharedConfigFile, awsconfig.DefaultSharedConfigFiles[0]),
		cmp.Or(env.SharedCredentialsFile, awsconfig.DefaultSharedCredentialsFiles[0]),
	}
}

var seed = maphash.MakeSeed()

// sum is another number when another text is in the files. A time of change would be another one too late: there are
// milliseconds in which it stays the same. A file that cannot be read is as one that is empty, as it is for the SDK.
func (f files) sum() uint64 {
	var hash maphash.Hash
	hash.SetSeed(seed)
	for _, path := range f {
		text, _ := os.ReadFile(path)
		hash.WriteString(strconv.Itoa(len(text)) + " ")
		hash.Write(text)
	}
	return hash.Sum64()
}

// profileOf reads what AWS's files say of the connection's profile, those that it builds on included. One that is
// not there is empty, as it is in [profileIn].
func (c Config) profileOf(ctx context.Context, env awsconfig.EnvConfig) (awsconfig.SharedConfig, error) {
	name := cmp.Or(c.Profile, env.SharedConfigProfile, awsconfig.DefaultSharedConfigProfile)
	files := filesIn(env)
	profile, err := awsconfig.LoadSharedConfigProfile(ctx, name, func(o *awsconfig.LoadSharedConfigOptions) {
		o.ConfigFiles, o.CredentialsFiles = files[:1], files[1:]
	})
	if errors.As(err, new(awsconfig.SharedConfigProfileNotExistError)) {
		return awsconfig.SharedConfig{}, nil
	}
	return profile, err
}

// profileIn returns the profile that the SDK has read for a configuration.
func profileIn(base aws.Config) awsconfig.SharedConfig {
	for _, source := range base.ConfigSources {
		if profile, ok := source.(awsconfig.SharedConfig); ok {
			return profile
		}
	}
	return awsconfig.SharedConfig{}
}
