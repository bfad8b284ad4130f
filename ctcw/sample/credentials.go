package sample

import (
	"fmt"
	"strings"
)

// CredentialsFile is the text of an AWS shared credentials file with one profile for each account, named after it. Every profile
// also names the server's address and a region, so that nothing else is needed to use it.
func (s *Server) CredentialsFile() string {
	s.mu.Lock()
	defer s.mu.Unlock()

	var text strings.Builder
	for i, a := range s.org.Accounts {
		if i > 0 {
			text.WriteByte('\n')
		}
		fmt.Fprintf(&text, "[%s]\naws_access_key_id = %s\naws_secret_access_key = %s\nregion = %s\n",
			a.profile(), a.AccessKeyID, a.SecretAccessKey, homeOfGlobal(s.org.partition()))
		if url := s.URL(); url != "" {
			fmt.Fprintf(&text, "endpoint_url = %s\n", url)
		}
	}
	return text.String()
}

// Environment is the environment that makes the AWS SDKs and the aws command line use the server as the given account (id or
// name), in the form of os.Environ. It is nil for an account that does not exist.
func (s *Server) Environment(account string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()

	a := s.org.Account(account)
	if a == nil {
		return nil
	}
	return []string{
		"AWS_ACCESS_KEY_ID=" + a.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY=" + a.SecretAccessKey,
		"AWS_REGION=" + homeOfGlobal(s.org.partition()),
		"AWS_DEFAULT_REGION=" + homeOfGlobal(s.org.partition()),
		"AWS_ENDPOINT_URL=" + s.URL(),
	}
}
